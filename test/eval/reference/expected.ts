/** The running jobs by the end that is expected of them. */
import type { ReferenceJob } from './job.ts';
import { insertBy, type Running } from './replay.ts';

type Expected = { readonly job: ReferenceJob; readonly start: number; readonly end: number };

/** A prediction that has passed is extended by a minute, or by half of the elapsed time, at most to the limit. */
export function extended({ limit }: ReferenceJob, start: number, now: number): number {
  return Math.min(start + limit, now + Math.max(60, 0.5 * (now - start)));
}

export class ExpectedEnds {
  #running: Expected[] = [];

  /** By end, then width. */
  get list(): readonly Expected[] {
    return this.#running;
  }

  started(job: ReferenceJob, now: number): void {
    this.#insert({ job, start: now, end: now + job.estimate });
  }

  /** Leaves out what no longer runs, and extends predictions that have passed. */
  refresh(now: number, running: readonly Running[]): void {
    if (this.#running.length !== running.length) {
      const jobs = new Set(running.map(({ job }) => job));
      this.#running = this.#running.filter(({ job }) => jobs.has(job));
    }
    for (let first = this.#running[0]; first !== undefined && first.end <= now; first = this.#running[0]) {
      this.#running.shift();
      // Later than now in any case, or this would never end.
      this.#insert({ ...first, end: Math.max(extended(first.job, first.start, now), now + 1) });
    }
  }

  #insert(one: Expected): void {
    insertBy(this.#running, one, (a, b) => a.end - b.end || a.job.width - b.job.width);
  }
}
