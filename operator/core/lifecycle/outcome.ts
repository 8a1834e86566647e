/** What member 0 reports at its end: cx-launch's termination message (docs/launch-protocol.md, "Outcome"), read with suspicion. */
import { z } from 'zod';
import type { JobResult } from '../../../crds/jobStatus.ts';
import { known } from '../known.ts';

const CAUSES = [
  'Completed',
  'ProgramFailed',
  'CommandNotFound',
  'RanksMisplaced',
  'MemberLost',
  'LaunchFailed',
  'Stopped',
] as const;

const outcomeSchema = z.object({
  cx: z.literal(1),
  member: z.int().min(0),
  outcome: z.enum(['succeeded', 'failed', 'stopped']),
  cause: z.enum(CAUSES),
  message: z.string().optional(),
  code: z.int().optional(),
  signal: z.int().optional(),
  failedMember: z.int().min(0).optional(),
  failedRank: z.int().min(0).optional(),
  started: z.boolean().optional(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  ranks: z.array(z.int().min(0)).optional(),
  result: z.record(z.string(), z.unknown()).nullable().optional(),
  tail: z.string().optional(),
});

export type Outcome = z.infer<typeof outcomeSchema>;

/** The outcome in a termination message; undefined when it is none (the runtime's own words, truncated, foreign). */
export function readOutcome(message: string | undefined): Outcome | undefined {
  if (message === undefined || message.length > 8192) return undefined;
  try {
    const parsed = outcomeSchema.safeParse(JSON.parse(message));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // not JSON: a program that the launcher never wrapped, or a cut message
  }
}

const finite = z.number().refine(Number.isFinite);
const short = (length: number) => z.string().transform((s) => s.slice(0, length));

/**
 * The part of the kernels' result contract (notes: schema major 1) that the status shows. Every member may be null, and so may
 * the value of the figure of merit: an attempt that resumed where all work was done has measured no speed.
 */
const resultSchema = z.object({
  schema: z.union([z.string(), z.number()]).refine((v) => String(v).split('.')[0] === '1'),
  kernel: short(253).nullish(),
  fom: z.object({ name: short(128), value: finite.nullish(), unit: short(64) }).nullish(),
  verified: z.boolean().nullish(),
  check: z.object({ name: short(128).nullish(), value: finite.nullish(), tol: finite.nullish() }).nullish(),
  time: z.object({ roi_s: finite.nullish() }).nullish(),
  energy: z.object({ gpu_j: finite.nullish(), cpu_j: finite.nullish() }).nullish(),
  warnings: z.array(short(256)).nullish(),
});

/** The program's result for the status; `problem` says why one that was written cannot be used. */
export function readResult(outcome: Outcome): { result?: JobResult; problem?: string } {
  if (outcome.result === null || outcome.result === undefined) return {};
  const parsed = resultSchema.safeParse(outcome.result);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      problem: `the result line cannot be used: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`,
    };
  }
  const { fom, check, time, warnings, kernel, verified } = parsed.data;
  return {
    result: known({
      kernel,
      verified,
      figureOfMerit: typeof fom?.value === 'number' ? { ...fom, value: fom.value } : undefined,
      check: check && known(check),
      regionSeconds: time?.roi_s,
      joules: joulesOf(parsed.data.energy),
      warnings: warnings?.slice(0, 16),
    }),
  };
}

/** Both sources together where both measured; unknown where neither did. */
function joulesOf(energy: { gpu_j?: Figure; cpu_j?: Figure } | null | undefined): number | undefined {
  const measured = [energy?.gpu_j, energy?.cpu_j].filter((j) => typeof j === 'number');
  return measured.length === 0 ? undefined : measured.reduce((sum, j) => sum + j, 0);
}
type Figure = number | null | undefined;

/** `6.716e+7 cells/s`, `12.5 GB/s`: four significant digits, for kubectl get. */
export function figureOfMeritText(result: JobResult | undefined): string | undefined {
  const fom = result?.figureOfMerit;
  if (!fom) return undefined;
  const large = Math.abs(fom.value) >= 1e6;
  return `${large ? fom.value.toExponential(3) : Number(fom.value.toPrecision(4))} ${fom.unit}`;
}
