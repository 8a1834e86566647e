/** What a job's times are judged by. */
import type { JobResult } from '../results.ts';

type Times = Pick<JobResult, 'submit' | 'start' | 'end' | 'run'>;

/** Runs shorter than this count as this long in the slowdown: ten seconds' wait should not ruin a job of one second. */
const BOUND = 10;

/** Seconds from submission to start. */
export function wait(job: Times): number {
  return job.start - job.submit;
}

/** Bounded slowdown (Feitelson and Rudolph, 1998): 1 is no wait at all. */
export function boundedSlowdown(job: Times): number {
  return Math.max(1, (wait(job) + job.run) / Math.max(job.run, BOUND));
}

/** Job completion time: seconds from submission to end. */
export function completionTime(job: Times): number {
  return job.end - job.submit;
}

/** Units (accelerators or processors) times seconds that the job held. */
export function area(job: Times & Pick<JobResult, 'width'>): number {
  return job.width * (job.end - job.start);
}

export const METRICS = { wait, bsld: boundedSlowdown, jct: completionTime } as const;

export type Metric = keyof typeof METRICS;
