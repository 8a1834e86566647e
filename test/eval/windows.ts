/**
 * RLScheduler's protocol (Zhang et al., SC'20; DIR-LAB/deep-batch-scheduler, SchedGym): 1,024 consecutive jobs on an empty
 * machine, a scheduler that commits to the first job of its order, and a backfill that is not EASY's. Evaluation only: it is
 * what published figures were measured with, and the product does not plan like this.
 */
import { boundedSlowdown } from './metrics.ts';
import type { ReferenceJob } from './reference/job.ts';
import { insertBy } from './reference/replay.ts';
import type { Score } from './reference/scores.ts';

export const WINDOW_JOBS = 1024;

/** Ten first jobs, as their code draws them with seed 1. */
export const TEN_LUBLIN = [1981, 2756, 4299, 8850, 3316, 2714, 5228, 7762, 4022, 7085] as const;
export const TEN_KTH = [10173, 25552, 19140, 8850, 11508, 2714, 13420, 12214, 7085, 10446] as const;

/** A hundred first jobs, evenly over a trace of `jobs` jobs. */
export function hundred(jobs: number): readonly number[] {
  const step = Math.floor((jobs - 2 * WINDOW_JOBS - 1) / 100);
  return Array.from({ length: 100 }, (_, k) => WINDOW_JOBS + k * step);
}

export type WindowPolicy = { readonly order: Score; readonly backfill: boolean };

type Running = { readonly job: ReferenceJob; readonly start: number; readonly end: number };

class Window {
  readonly #jobs: readonly ReferenceJob[];
  readonly #policy: WindowPolicy;
  readonly #queue: ReferenceJob[] = [];
  /** By true end. */
  readonly #running: Running[] = [];
  #free: number;
  #now: number;
  #next = 0;
  #slowdowns = 0;

  constructor(jobs: readonly ReferenceJob[], processors: number, policy: WindowPolicy) {
    this.#jobs = jobs;
    this.#policy = policy;
    this.#free = processors;
    this.#now = jobs[0]?.submit ?? 0;
    this.#arriveNext();
  }

  /** Mean bounded slowdown of the window. */
  run(): number {
    for (let left = this.#jobs.length; left > 0; left = this.#queue.length + this.#jobs.length - this.#next) {
      while (this.#queue.length === 0) this.#step();
      this.#sort((job) => this.#policy.order(job, this.#now));
      const committed = this.#queue[0] as ReferenceJob;
      const shadow = this.#policy.backfill ? this.#shadow(committed) : Number.NEGATIVE_INFINITY;
      while (committed.width > this.#free) {
        if (this.#policy.backfill) this.#backfill(shadow);
        this.#step();
      }
      this.#start(committed);
    }
    return this.#slowdowns / this.#jobs.length;
  }

  /** In place and stable: equal scores keep the order that the queue had before. */
  #sort(score: (job: ReferenceJob) => number): void {
    const scores = new Map(this.#queue.map((job) => [job, score(job)]));
    this.#queue.sort((a, b) => (scores.get(a) as number) - (scores.get(b) as number));
  }

  /** When the committed job's processors are expected; told once, however long it then waits. */
  #shadow(committed: ReferenceJob): number {
    const ends = this.#running
      .map(({ job, start }) => ({ at: start + job.limit, width: job.width }))
      .sort((a, b) => a.at - b.at);
    let free = this.#free;
    return ends.find(({ width }) => (free += width) >= committed.width)?.at ?? ends.at(-1)?.at ?? this.#now;
  }

  #backfill(shadow: number): void {
    this.#sort((job) => job.submit);
    for (const job of this.#queue.slice())
      if (job.width <= this.#free && this.#now + job.limit < shadow) this.#start(job);
  }

  /** The next arrival if it comes before the earliest end, or with it; else that end. */
  #step(): void {
    const arrival = this.#jobs[this.#next];
    const [first] = this.#running;
    if (arrival !== undefined && (first === undefined || arrival.submit <= first.end)) {
      this.#now = Math.max(this.#now, arrival.submit);
      return this.#arriveNext();
    }
    if (first === undefined) throw new Error('nothing runs and nothing comes, but a job waits that does not fit');
    this.#now = first.end;
    this.#free += first.job.width;
    this.#running.shift();
  }

  #arriveNext(): void {
    const job = this.#jobs[this.#next++];
    if (job !== undefined) this.#queue.push(job);
  }

  #start(job: ReferenceJob): void {
    this.#free -= job.width;
    this.#queue.splice(this.#queue.indexOf(job), 1);
    insertBy(this.#running, { job, start: this.#now, end: this.#now + job.run }, (a, b) => a.end - b.end);
    this.#slowdowns += boundedSlowdown({ submit: job.submit, start: this.#now, run: job.run });
  }
}

/** Mean bounded slowdown of each window, in the order of `starts` (indices of first jobs). */
export function windows(
  jobs: readonly ReferenceJob[],
  processors: number,
  starts: readonly number[],
  policy: WindowPolicy,
): readonly number[] {
  return starts.map((start) => new Window(jobs.slice(start, start + WINDOW_JOBS), processors, policy).run());
}
