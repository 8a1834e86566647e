/** The plain policies that the known numbers are about, as the planner is told them. */
import type { PlanPolicy } from '../planRun.ts';

type Plain = Exclude<PlanPolicy['score']['name'], 'powers'>;

/** EASY backfilling: one reservation, for the first job that cannot start. */
export const easy = (score: Plain, candidates: PlanPolicy['candidates'] = 'score'): PlanPolicy => ({
  score: { name: score },
  candidates,
  blocked: { reservations: 1 },
});

/** Nothing starts behind the first job that cannot. */
export const stopping = (score: Plain): PlanPolicy => ({
  score: { name: score },
  candidates: 'score',
  blocked: 'stop',
});

/** Whatever fits starts, in the order of the score; nothing is reserved. */
export const skipping = (score: Plain): PlanPolicy => ({
  score: { name: score },
  candidates: 'score',
  blocked: 'skip',
});
