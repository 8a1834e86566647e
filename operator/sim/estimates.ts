/** What is believed of a job's run time at its submission. */
import type { Prediction } from '../core/model.ts';
import type { WorkloadJob } from './workload.ts';

/**
 * user: the walltime alone; oracle: the true run time; noisy: the prediction in the trace; last2: the mean of the
 * user's last two ended runs (Tsafrir et al., TPDS 2007), the walltime until there are two; learned: what the operator's
 * own predictor says that learns from the runs as they end.
 */
export const ESTIMATES = ['user', 'oracle', 'noisy', 'last2', 'learned'] as const;
export type Estimates = (typeof ESTIMATES)[number];

/** Says at a job's submission how long it will run; told of everything in the order of virtual time, seconds. */
export type Forecaster = {
  /** Empty: nothing is known but the walltime. */
  readonly submitted: (job: WorkloadJob, now: number) => readonly Prediction[];
  readonly started: (job: WorkloadJob, now: number) => void;
  /** It computed for `run` seconds. */
  readonly ended: (job: WorkloadJob, run: number, now: number) => void;
};

const sure = (run: number): Prediction => ({ q10: run, q50: run, q75: run, q90: run });

/** Those that need no model. Learns only from jobs that have ended in the simulation. */
export class Estimator implements Forecaster {
  readonly #kind: Exclude<Estimates, 'learned'>;
  readonly #last = new Map<string, number[]>();
  /** Jobs of which nothing was known but how they really ran, since the trace names neither walltime nor prediction. */
  borrowed = 0;

  constructor(kind: Exclude<Estimates, 'learned'>) {
    this.#kind = kind;
  }

  submitted(job: WorkloadJob): readonly Prediction[] {
    const known = this.#known(job);
    if (known !== undefined) return [sure(known)];
    if (job.limit !== undefined) return [];
    this.borrowed += 1;
    return [sure(job.run)];
  }

  #known(job: WorkloadJob): number | undefined {
    if (this.#kind === 'oracle') return job.run;
    if (this.#kind === 'noisy') return job.prediction;
    const last = this.#kind === 'last2' ? this.#last.get(job.user ?? '') : undefined;
    return last?.length === 2 ? ((last[0] ?? 0) + (last[1] ?? 0)) / 2 : undefined;
  }

  started(): void {}

  ended(job: WorkloadJob, run: number): void {
    if (this.#kind !== 'last2' || job.user === undefined) return;
    this.#last.set(job.user, [...(this.#last.get(job.user) ?? []), run].slice(-2));
  }
}
