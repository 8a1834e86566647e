/** The operator's own predictor inside a simulation: it learns from runs as they end there, and from nothing else. */

import type { Asked, Run } from '../../../predictors/run.ts';
import { gbm } from '../../../predictors/runtime/gbm/gbm.ts';
import { isRefitDue } from '../../../predictors/runtime/pace.ts';
import { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import type { Forecaster } from '../../sim/estimates.ts';
import type { Workload, WorkloadJob } from '../../sim/workload.ts';

/** Share of runs within their walltime from which on walltimes are taken to be enforced. */
const OBEYED = 0.9;
/** Runs that must have ended before anything is planned by predictions, as the operator has it. */
const LEAST_RUNS = 50;

function askedOf(job: WorkloadJob, epoch: number, limitEnforced: boolean): Asked {
  let [ranks, gpus] = [0, 0];
  for (const part of job.parts) {
    ranks += part.ranks;
    gpus += part.ranks * part.accelerators;
  }
  return {
    uid: job.id,
    kind: 'trace',
    ...(job.user !== undefined && { user: job.user }),
    queue: job.queue ?? '',
    submittedAt: epoch + job.submit,
    ...(job.limit !== undefined && { limit: job.limit }),
    limitEnforced: limitEnforced && job.limit !== undefined,
    ...(job.program !== undefined && { image: job.program }),
    command: [],
    nodes: ranks,
    ranks,
    gpus,
    cpus: gpus > 0 ? 0 : ranks,
    memory: 0,
    declared: {},
  };
}

class Learned implements Forecaster {
  readonly #model = gbm();
  readonly #predictor = new RuntimePredictor({ models: [this.#model] });
  readonly #asked = new Map<string, Asked>();
  readonly #startedAt = new Map<string, number>();
  readonly #epoch: number;
  readonly #enforced: boolean;
  #ended = 0;
  #fitted = 0;

  constructor(epoch: number, enforced: boolean) {
    this.#epoch = epoch;
    this.#enforced = enforced;
  }

  submitted(job: WorkloadJob): ReturnType<Forecaster['submitted']> {
    const asked = askedOf(job, this.#epoch, this.#enforced);
    this.#asked.set(job.id, asked);
    const { q10, q50, q75, q90, z } = this.#predictor.submitted(asked);
    // Where there is no walltime there is nothing else to go by.
    if (this.#ended < LEAST_RUNS && job.limit !== undefined) return [];
    return [{ q10, q50, q75, q90, z }];
  }

  started({ id }: WorkloadJob, now: number): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#predictor.started(asked, this.#epoch + now);
    this.#startedAt.set(id, this.#epoch + now);
  }

  ended({ id }: WorkloadJob, run: number, now: number): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    const endedAt = this.#epoch + now;
    const startedAt = this.#startedAt.get(id) ?? endedAt - run;
    const isCut = asked.limitEnforced && run >= (asked.limit ?? Number.POSITIVE_INFINITY);
    const over: Run = {
      ...asked,
      attempt: 1,
      startedAt,
      endedAt: Math.max(startedAt, endedAt),
      outcome: isCut ? 'timeLimit' : 'succeeded',
      censored: isCut,
      chosen: { pool: '', nodes: asked.nodes },
    };
    this.#asked.delete(id);
    this.#startedAt.delete(id);
    this.#predictor.ended(over);
    this.#ended += 1;
    if (isRefitDue(this.#ended, this.#fitted)) this.#refit();
  }

  #refit(): void {
    this.#fitted = this.#ended;
    // The seed follows from what was learned, so that the same workload gives the same result.
    const { state } = this.#model.fit(this.#predictor.trainingSet(), { seed: this.#fitted });
    this.#predictor.adopt([state]);
  }
}

/** Makes a predictor for each run of the workload. */
export function learnedFrom({ jobs, epoch = 0 }: Pick<Workload, 'jobs' | 'epoch'>): () => Forecaster {
  const limited = jobs.filter(({ limit }) => limit !== undefined);
  const obeying = limited.filter(({ run, limit }) => run <= (limit ?? 0)).length;
  const enforced = obeying >= OBEYED * limited.length;
  return () => new Learned(epoch, enforced);
}
