/**
 * A policy as it is written: JSON in the operator's environment, in the chart's values, in a saved plan. Times are seconds.
 * What is left out is as in `DEFAULT_POLICY`; what a policy has without bound is a word here, for JSON has no infinity.
 */
import { z } from 'zod';
import { DEFAULT_POLICY, type HoldBack, type Policy } from './core/plan/policy.ts';
import { NAMED_SCORES } from './core/plan/score.ts';

const ALL = 'all';
const NEVER = 'never';
const AS_PLANNED = 'planBy';
const UNBOUND = Number.POSITIVE_INFINITY;

const seconds = () => z.number().min(0).max(1e9);
const share = () => z.number().min(0).max(1);
const exponent = () => z.number().min(-10).max(10).default(0);
const ESTIMATES = ['q10', 'q50', 'q75', 'q90', 'limit'] as const;
const estimate = () => z.enum(ESTIMATES);

const score = z.discriminatedUnion('name', [
  z.strictObject({ name: z.enum(NAMED_SCORES) }),
  z.strictObject({
    name: z.literal('powers'),
    width: exponent(),
    run: exponent(),
    limit: exponent(),
    z: exponent(),
    ageing: exponent(),
    horizon: z.number().min(1).max(1e9).default(43_200),
  }),
]);

/** Where room is held back, but not said how: as tuned on the trace of KTH's SP2. */
const HELD: HoldBack = { share: 0, longerThan: 5_100, exemptShare: 0.67, exemptWait: 172_800 };

const holdBack = z.strictObject({
  share: share()
    .default(HELD.share)
    .describe('Share of each pool that long jobs together must leave free. 0: nothing is held back.'),
  longerThan: seconds()
    .default(HELD.longerThan)
    .describe('A job is long if it should run longer than this, or has; seconds.'),
  exemptShare: share()
    .default(HELD.exemptShare)
    .describe('A job that asks for more than this share of the pool may use what is held back.'),
  exemptWait: z
    .union([seconds(), z.literal(NEVER)], `must be a number of seconds, or ${NEVER}`)
    .default(HELD.exemptWait)
    .describe('So may one that has waited this long; seconds, or never.'),
});

/** The written form, field by field. What it accepts is turned into a Policy by `readPolicy`. */
const form = z.strictObject({
  score: score
    .default(DEFAULT_POLICY.score)
    .describe(
      `By what jobs of equal priority are ordered, lowest first: {name: …} with one of ${NAMED_SCORES.join(', ')}, or powers with the exponents width, run, limit, z, ageing and the horizon of ageing in seconds.`,
    ),
  orderBy: estimate()
    .default(DEFAULT_POLICY.orderBy)
    .describe(
      'Which run time the score sees: a quantile of the prediction, or the walltime; the walltime without one.',
    ),
  planBy: estimate().default(DEFAULT_POLICY.planBy).describe('By which run time the ends of jobs are planned.'),
  runningBy: z
    .enum([...ESTIMATES, AS_PLANNED])
    .default(AS_PLANNED)
    .describe(
      'By which run time the ends of running jobs are planned: limit beside a quantile in planBy backfills more boldly, and breaks more promises.',
    ),
  reservations: z
    .union([z.int().min(0).max(100_000), z.literal(ALL)], `must be a whole number from 0 to 100000, or ${ALL}`)
    .default(DEFAULT_POLICY.reservations)
    .describe('Jobs in each pool that hold a reservation: 0, 1 (EASY), more, or all (conservative).'),
  candidates: z
    .enum(['score', 'shortest', 'submitted'])
    .default(DEFAULT_POLICY.candidates)
    .describe('Order in which jobs behind the last reservation are tried.'),
  promotions: z
    .int()
    .min(0)
    .max(100_000)
    .default(DEFAULT_POLICY.promotions)
    .describe(
      'Jobs of a queue that may be ahead of all others at a time because they waited longer than its waitObjective.',
    ),
  holdBack: holdBack.prefault({}).describe('Room kept free of long jobs, so that short ones need not wait for them.'),
  tick: z
    .number()
    .min(0)
    .max(3600)
    .default(DEFAULT_POLICY.tick)
    .describe('How often scores that move with time are taken anew; seconds, 0: at every plan.'),
  unlimited: z
    .number()
    .min(1)
    .max(1e9)
    .default(DEFAULT_POLICY.unlimited)
    .describe('Run time assumed of a job that has neither walltime nor prediction; seconds.'),
});

/** A policy as JSON can carry it. */
export type PolicyForm = z.output<typeof form>;

/** Fields with their descriptions and JSON Schemas: for the chart. */
export const POLICY_FIELDS = form.shape;

export class PolicyError extends Error {}

/** The policy that `written` describes. Throws PolicyError naming every field that is wrong, and what it may be. */
export function readPolicy(written: unknown): Policy {
  const read = form.safeParse(written);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the policy'}: ${message}`);
    throw new PolicyError(problems.join('; '));
  }
  const { reservations, runningBy, holdBack: held, ...rest } = read.data;
  const { exemptWait } = held;
  return {
    ...rest,
    ...(runningBy !== AS_PLANNED && { runningBy }),
    reservations: reservations === ALL ? UNBOUND : reservations,
    ...(held.share > 0 && { holdBack: { ...held, exemptWait: exemptWait === NEVER ? UNBOUND : exemptWait } }),
  };
}

/** The written form of a policy: `readPolicy` of it, also after a journey as JSON, is the policy again. */
export function writePolicy({ reservations, runningBy, holdBack: held = HELD, ...rest }: Policy): PolicyForm {
  const { exemptWait } = held;
  return {
    ...rest,
    runningBy: runningBy ?? AS_PLANNED,
    reservations: reservations === UNBOUND ? ALL : reservations,
    holdBack: { ...held, exemptWait: exemptWait === UNBOUND ? NEVER : exemptWait },
  };
}
