/** Policies that a schedule is judged by, each with what the planner is told of run times. */
import type { Policy } from '../../../operator/core/plan/policy.ts';
import type { Estimates } from '../../../operator/sim/estimates.ts';
import type { PlanPolicy } from '../planRun.ts';
import { KTH_LEARNED, KTH_ORACLE, KTH_USER } from '../policies/scalars.ts';

export type ScheduleRow = {
  readonly key: string;
  readonly name: string;
  readonly plan: PlanPolicy;
  readonly estimates: Estimates;
  /** What ends are planned by: walltimes cannot be outrun. */
  readonly by: Pick<Policy, 'planBy' | 'runningBy'>;
};

const EASY: PlanPolicy = { score: { name: 'fcfs' }, candidates: 'score', blocked: { reservations: 1 } };
const SJF: PlanPolicy = { ...EASY, score: { name: 'sjf' } };

/** Found on KTH-SP2's first half. */
const BOLDLY = { planBy: 'q50', runningBy: 'limit' } as const;
const WALLTIMES = { planBy: 'limit' } as const;

export const ROWS: readonly ScheduleRow[] = [
  { key: 'easyUser', name: 'EASY, walltimes', plan: EASY, estimates: 'user', by: WALLTIMES },
  { key: 'sjfUser', name: 'SJF-EASY, walltimes', plan: SJF, estimates: 'user', by: WALLTIMES },
  { key: 'sjfLearned', name: 'SJF-EASY, learned', plan: SJF, estimates: 'learned', by: WALLTIMES },
  { key: 'tunedUser', name: 'tuned, walltimes', plan: KTH_USER, estimates: 'user', by: WALLTIMES },
  { key: 'tunedLearned', name: 'tuned, learned', plan: KTH_LEARNED, estimates: 'learned', by: BOLDLY },
  { key: 'tunedOracle', name: 'tuned, true run times', plan: KTH_ORACLE, estimates: 'oracle', by: { planBy: 'q50' } },
];
