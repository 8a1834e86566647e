/** The door of the history: what cannot be true of a run is refused by name, and never stored. */
import { z } from 'zod';
import type { Run } from '../run.ts';

/** Three centuries after 1970. Later times are milliseconds or garbage. */
const LATEST = 1e10;
/** A run of ten years is a mistake of its source. */
const LONGEST = 10 * 366 * 86_400;
/** More ranks, nodes, accelerators or CPUs than any machine has. */
const TOO_MANY = 10_000_000;
/** A day: what clocks of different machines may differ by, and then some. */
const AHEAD = 86_400;
/** Characters of all words of a command together: a job's whole manifest may have a hundred times as many. */
const COMMAND_CHARACTERS = 16_384;
const COMMAND_WORDS = 320;
const DECLARED = 32;

/** PostgreSQL stores neither NUL nor half a surrogate pair, and a command line cannot hold them either. */
const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
const TEXT = 'must be Unicode text without NUL; remove the character';

const text = (most: number) => z.string().max(most).refine(isText, TEXT);
const name = (most = 253) => text(most).min(1);
const time = z.number().min(0).lt(LATEST);
const whole = (least: number) => z.int().min(least).max(TOO_MANY);
const amount = (most: number) => z.number().min(0).max(most);
const above0 = (most: number) => z.number().gt(0).max(most);
const anything = z.number().min(-1e30).max(1e30);

/** zod leaves this key out of a record without a word. */
const hasNoProto = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || !Object.hasOwn(value, '__proto__');
const PROTO = 'must have no entry __proto__; give it another name';
const declared = z
  .record(name(63), z.union([anything, text(253)]))
  .refine((all) => Object.keys(all).length <= DECLARED, `must have at most ${DECLARED} entries; leave some out`);

const accelerator = z.object({
  name: name(),
  watts: above0(1e6).exactOptional(),
  flops: above0(1e20).exactOptional(),
  bandwidth: above0(1e18).exactOptional(),
});

const quantile = z.number().min(0).lt(LATEST);
const predicted = z
  .object({
    q10: quantile,
    q50: quantile,
    q75: quantile,
    q90: quantile,
    q95: quantile,
    z: z.number().min(0).max(1),
    by: name(),
    joules: amount(1e15).exactOptional(),
  })
  .refine((q) => q.q10 <= q.q50 && q.q50 <= q.q75 && q.q75 <= q.q90 && q.q90 <= q.q95, 'must not fall from q10 to q95');

const schema = z
  .object({
    uid: name(),
    kind: name(),
    user: name().exactOptional(),
    queue: name(),
    submittedAt: time,
    limit: above0(LATEST).exactOptional(),
    limitEnforced: z.boolean(),
    image: name(512).exactOptional(),
    command: z
      .array(text(COMMAND_CHARACTERS))
      .max(COMMAND_WORDS)
      .refine((words) => words.reduce((sum, { length }) => sum + length, 0) <= COMMAND_CHARACTERS, {
        message: `must be at most ${COMMAND_CHARACTERS} characters; cut it`,
      }),
    pool: name().exactOptional(),
    accelerator: accelerator.exactOptional(),
    nodes: whole(1),
    ranks: whole(0),
    gpus: whole(0),
    cpus: amount(TOO_MANY),
    memory: amount(1e18),
    declared: z.unknown().refine(hasNoProto, PROTO).pipe(declared),
    attempt: z.int().min(1).max(1e9),
    startedAt: time,
    endedAt: time,
    outcome: z.enum(['succeeded', 'failed', 'timeLimit', 'infrastructure', 'stopped']),
    censored: z.boolean(),
    chosen: z.object({ pool: name(), nodes: whole(1), cap: above0(1e6).exactOptional() }),
    predicted: predicted.exactOptional(),
    joules: amount(1e15).exactOptional(),
    joulesSource: z.custom<NonNullable<Run['joulesSource']>>(isSource, 'names no known source').exactOptional(),
    watts: amount(1e6).exactOptional(),
    merit: z.object({ value: anything, unit: text(64) }).exactOptional(),
  })
  .refine((run) => run.submittedAt <= run.startedAt, { path: ['startedAt'], message: 'lies before submittedAt' })
  .refine((run) => run.startedAt <= run.endedAt, { path: ['endedAt'], message: 'lies before startedAt' })
  .refine((run) => run.endedAt - run.startedAt <= LONGEST, {
    path: ['endedAt'],
    message: 'is ten years after startedAt',
  })
  .refine((run) => (run.joules === undefined) === (run.joulesSource === undefined), {
    path: ['joulesSource'],
    message: 'and joules go together; give both or neither',
  });

/** The sources that Run knows; the type makes sure that none is forgotten. */
const SOURCES: Readonly<Record<NonNullable<Run['joulesSource']>, true>> = {
  result: true,
  prometheus: true,
  accounting: true,
  estimate: true,
};
function isSource(value: unknown): boolean {
  return typeof value === 'string' && Object.hasOwn(SOURCES, value);
}

export type Checked = { readonly run: Run } | { readonly problem: string };

/**
 * The run that `value` is, without members that Run does not have, or one line that says which field cannot be true.
 * @param now seconds since the epoch: a run that ends more than a day later is refused.
 */
export function checkRun(value: unknown, now: number): Checked {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    return { problem: `${path === '' ? 'run' : path}: ${issue?.message ?? 'malformed'}` };
  }
  const { endedAt } = parsed.data;
  if (endedAt > now + AHEAD)
    return { problem: `endedAt: ${endedAt} lies in the future; check the clock of its source` };
  return { run: parsed.data satisfies Run };
}

/** Words as the door takes them: unstorable characters replaced, cut where a command would be too long. */
export function boundedCommand(words: readonly string[]): string[] {
  let left = COMMAND_CHARACTERS;
  const kept: string[] = [];
  for (const word of words.slice(0, COMMAND_WORDS)) {
    const text = bounded(word, left);
    kept.push(text);
    left -= text.length;
    if (left <= 0) break;
  }
  return kept;
}

/** Text as the door takes it, cut to `most` characters. */
export function bounded(text: string, most: number): string {
  return text.slice(0, most).replaceAll('\0', '\ufffd').toWellFormed();
}
