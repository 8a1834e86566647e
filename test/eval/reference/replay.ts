/** Virtual time for the reference schedulers: arrivals and true ends of one flat pool, one pass after each instant. */
import type { ReferenceJob } from './job.ts';

export type Running = { readonly job: ReferenceJob; readonly start: number; readonly end: number };
export type Start = { readonly job: ReferenceJob; readonly start: number };

/** The pool at one moment. */
export type Machine = {
  readonly free: number;
  /** By true end, which a scheduler must not look at. */
  readonly running: readonly Running[];
  start(job: ReferenceJob): void;
};

export type Scheduler = {
  arrive(job: ReferenceJob): void;
  /** Called when all arrivals and ends of the instant `now` have been applied. */
  pass(now: number, machine: Machine): void;
};

/** Puts `item` behind all that are not larger. */
export function insertBy<T>(sorted: T[], item: T, compare: (a: T, b: T) => number): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as T, item) <= 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, item);
}

/** Replays `jobs` (by submit time). Throws where a job is wider than the pool, or a scheduler starts what does not fit. */
export function replay(jobs: readonly ReferenceJob[], processors: number, scheduler: Scheduler): readonly Start[] {
  const starts: Start[] = [];
  const running: Running[] = [];
  let free = processors;
  let now = 0;
  const machine: Machine = {
    get free() {
      return free;
    },
    running,
    start(job) {
      if (job.width > free) throw new Error(`job ${job.id} of ${job.width} was started on ${free} free processors`);
      free -= job.width;
      starts.push({ job, start: now });
      insertBy(running, { job, start: now, end: now + job.run }, (a, b) => a.end - b.end);
    },
  };
  for (let next = 0; next < jobs.length || running.length > 0; ) {
    now = Math.min(jobs[next]?.submit ?? Number.POSITIVE_INFINITY, running[0]?.end ?? Number.POSITIVE_INFINITY);
    for (; running[0] !== undefined && running[0].end <= now; running.shift()) free += running[0].job.width;
    for (let job = jobs[next]; job !== undefined && job.submit <= now; job = jobs[++next]) scheduler.arrive(job);
    scheduler.pass(now, machine);
  }
  if (starts.length < jobs.length) throw new Error(`${jobs.length - starts.length} jobs were never started`);
  return starts;
}
