/** One run of the real planner in virtual time, as the tables of this folder ask for it. */
import type { HoldBack } from '../../operator/core/plan/policy.ts';
import type { Score } from '../../operator/core/plan/score.ts';
import type { WorkloadJob } from '../../operator/sim/workload.ts';

/** Equal nodes in one pool. A flat pool is one node of all processors. */
export type Machine = { readonly nodes: number; readonly size: number };

/** What the planner is told of run times. `noisy`: the trace's own prediction, at least 1 s. */
export type Told = 'user' | 'oracle' | 'noisy';

export type PlanPolicy = {
  readonly score: Score;
  /** Order in which the jobs behind the last reservation are tried. */
  readonly candidates: 'score' | 'shortest' | 'submitted';
  /** At a job that cannot start: nothing behind it starts, or all are tried, or so many of them hold a place. */
  readonly blocked: 'stop' | 'skip' | { readonly reservations: number };
  /** Jobs that have waited so many seconds go ahead of the others, oldest first, so many at a time. */
  readonly promote?: { readonly afterSeconds: number; readonly atOnce: number };
  readonly holdBack?: HoldBack;
};

export type PlanRun = {
  /** By submit time. */
  readonly jobs: readonly WorkloadJob[];
  readonly machine: Machine;
  readonly policy: PlanPolicy;
  readonly told: Told;
};

/** When a job of the run started, in seconds on the trace's clock. */
export type PlannedStart = { readonly id: string; readonly start: number };
