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
  readonly planBy: Policy['planBy'];
};

const EASY: PlanPolicy = { score: { name: 'fcfs' }, candidates: 'score', blocked: { reservations: 1 } };
const SJF: PlanPolicy = { ...EASY, score: { name: 'sjf' } };

export const ROWS: readonly ScheduleRow[] = [
  { key: 'easyUser', name: 'EASY, walltimes', plan: EASY, estimates: 'user', planBy: 'limit' },
  { key: 'sjfUser', name: 'SJF-EASY, walltimes', plan: SJF, estimates: 'user', planBy: 'limit' },
  { key: 'sjfLearned', name: 'SJF-EASY, learned', plan: SJF, estimates: 'learned', planBy: 'limit' },
  { key: 'tunedUser', name: 'tuned, walltimes', plan: KTH_USER, estimates: 'user', planBy: 'limit' },
  { key: 'tunedLearned', name: 'tuned, learned', plan: KTH_LEARNED, estimates: 'learned', planBy: 'limit' },
  { key: 'tunedOracle', name: 'tuned, true run times', plan: KTH_ORACLE, estimates: 'oracle', planBy: 'q50' },
];
