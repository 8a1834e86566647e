/** The share of a pool that is kept free of long jobs. */
import type { HoldBack } from '../../../operator/core/plan/policy.ts';
import type { ReferenceJob } from './job.ts';
import type { Running } from './replay.ts';

export class LongJobs {
  readonly #hold: HoldBack | undefined;
  readonly #processors: number;
  /** What long jobs may have in all. */
  readonly #all: number;

  constructor(hold: HoldBack | undefined, processors: number) {
    this.#hold = hold;
    this.#processors = processors;
    this.#all = Math.floor((1 - (hold?.share ?? 0)) * processors);
  }

  /** Processors that a job takes of what long jobs may have. */
  taken(job: ReferenceJob, elapsed: number): number {
    const longerThan = this.#hold?.longerThan ?? Number.POSITIVE_INFINITY;
    return job.estimate > longerThan || elapsed > longerThan ? job.width : 0;
  }

  /** Until when a job must find its room there: a short or exempt one need not, nor one that is wider than all of it. */
  boundUntil(job: ReferenceJob): number {
    if (this.#hold === undefined || this.taken(job, 0) === 0) return Number.NEGATIVE_INFINITY;
    const { exemptShare, exemptWait } = this.#hold;
    const widest = Math.min(exemptShare * this.#processors, this.#all);
    return job.width > widest ? Number.NEGATIVE_INFINITY : job.submit + exemptWait;
  }

  /** Processors that long jobs may still take. */
  budget(running: readonly Pick<Running, 'job' | 'start'>[], now: number): number {
    return running.reduce((left, { job, start }) => left - this.taken(job, now - start), this.#all);
  }
}
