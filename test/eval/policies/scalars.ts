/**
 * Scalars that were searched. Those for KTH-SP2 come from its first half, under jitter of other seeds, those for a Lublin
 * trace from the other one. Philly has no second fortnight like it: what is tuned there is a fit, not a promise.
 */
import type { PlanPolicy } from '../planRun.ts';

const HOUR = 3600;

type Powers = { readonly width: number; readonly ageing: number; readonly horizon: number };

/** width^a . run / (1 + wait / horizon)^ageing. */
const powers = ({ width, ageing, horizon }: Powers): PlanPolicy['score'] => ({
  name: 'powers',
  width,
  run: 1,
  limit: 0,
  z: 0,
  ageing,
  horizon,
});

const AREA = powers({ width: 1, ageing: 2, horizon: 6 * HOUR });

export const AGED_AREA: PlanPolicy = { score: AREA, candidates: 'score', blocked: { reservations: 1 } };
export const AGED_AREA_SKIPPING: PlanPolicy = { score: AREA, candidates: 'score', blocked: 'skip' };

/** KTH-SP2's first half, user limits. */
export const KTH_USER: PlanPolicy = {
  score: powers({ width: 0.4059, ageing: 0.9827, horizon: 171.6 * HOUR }),
  candidates: 'score',
  blocked: { reservations: 1 },
  promote: { afterSeconds: 126.65 * HOUR, atOnce: 1 },
  holdBack: { share: 0.03, longerThan: 16_504, exemptShare: 0.6132, exemptWait: 26.95 * HOUR },
};

/** KTH-SP2's first half, true run times. */
export const KTH_ORACLE: PlanPolicy = {
  score: powers({ width: 0.58, ageing: 2.6, horizon: 14 * HOUR }),
  candidates: 'score',
  blocked: { reservations: 7 },
  promote: { afterSeconds: 86 * HOUR, atOnce: 2 },
  holdBack: { share: 0.085, longerThan: 1000, exemptShare: 0.9, exemptWait: 78 * HOUR },
};

/**
 * KTH-SP2's first half, predictions learned on the way, means over six jittered replicas and scalars nearby: width^a . limit^b . q50^c / (z^d . (1 + wait / horizon)^e), where
 * z, the chance that the job is over at once, counts most.
 */
export const KTH_LEARNED: PlanPolicy = {
  score: { name: 'powers', width: 0.335, run: 1.246, limit: 0.55, z: 2.686, ageing: 1.428, horizon: 84.9 * HOUR },
  candidates: 'score',
  blocked: { reservations: 2 },
  promote: { afterSeconds: 112 * HOUR, atOnce: 1 },
  holdBack: { share: 0.026, longerThan: 4636, exemptShare: 0.667, exemptWait: 55.6 * HOUR },
};

/** Sixteen windows of Lublin-1. */
export const LUBLIN_BY_1: PlanPolicy = {
  score: powers({ width: 1.122, ageing: 0, horizon: 96.3 * HOUR }),
  candidates: 'score',
  blocked: { reservations: 4 },
  holdBack: { share: 0.458, longerThan: 507, exemptShare: 0.701, exemptWait: 278.9 * HOUR },
};

/** Sixteen windows of Lublin-2. */
export const LUBLIN_BY_2: PlanPolicy = {
  score: powers({ width: 1.167, ageing: 0.961, horizon: 69.4 * HOUR }),
  candidates: 'score',
  blocked: { reservations: 8 },
  holdBack: { share: 0.284, longerThan: 676, exemptShare: 0.702, exemptWait: 99.6 * HOUR },
};

/** The Philly fortnight with its noisy predictions, for the mean completion time. */
export const PHILLY_JCT: PlanPolicy = {
  score: powers({ width: 1.0134, ageing: 4.0137, horizon: 74.802 * HOUR }),
  candidates: 'score',
  blocked: 'skip',
  promote: { afterSeconds: 50.411 * HOUR, atOnce: 14 },
  holdBack: { share: 0.16294, longerThan: 23_872, exemptShare: 0.00963, exemptWait: 60.129 * HOUR },
};

/** The same for the tail: reservations keep nodes together for the wide jobs that were promoted. */
export const PHILLY_TAIL: PlanPolicy = {
  score: powers({ width: 1, ageing: 4.0137, horizon: 74.802 * HOUR }),
  candidates: 'score',
  blocked: { reservations: 16 },
  promote: { afterSeconds: 18 * HOUR, atOnce: 64 },
  holdBack: { share: 0.163, longerThan: 23_872, exemptShare: 0.0096, exemptWait: 16 * HOUR },
};
