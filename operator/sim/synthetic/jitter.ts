/** Replicas of a workload that differ by less than a user would notice. */
import type { Workload, WorkloadJob } from '../workload.ts';
import { randomStream } from './random.ts';

/** Times are kept to the millisecond. */
const MILLI = 1000;

function jittered(job: WorkloadJob, factor: number): WorkloadJob {
  if (job.run === 0) return job;
  const run = Math.max(1, Math.round(job.run * factor * MILLI)) / MILLI;
  return { ...job, run: job.limit === undefined ? run : Math.min(run, job.limit) };
}

/**
 * The same jobs with run times × (1 ± `share`), uniform and seeded, cut to the limit where there is one. Schedules of a
 * real trace are chaotic, one second moves means: a claim about a policy is a mean over such replicas, never one run.
 */
export function jitter(workload: Workload, seed: number, share = 0.01): Workload {
  const random = randomStream(seed, 'jitter');
  return {
    ...workload,
    jobs: workload.jobs.map((job) => jittered(job, 1 + share * (2 * random.uniform() - 1))),
  };
}
