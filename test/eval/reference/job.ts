/** The job that the reference simulators work on: one width in one flat pool. Times are seconds on the trace's clock. */
import type { WorkloadJob } from '../../../operator/sim/workload.ts';
import type { Told } from '../planRun.ts';

export type ReferenceJob = {
  readonly id: string;
  /** Place in order of submission, from 0. */
  readonly index: number;
  readonly submit: number;
  readonly run: number;
  /** Processors, or accelerators where the job asks for any. */
  readonly width: number;
  /** Where the system kills it; without a limit of its own, its run time. */
  readonly limit: number;
  /** Planning estimate, at least 1 s and never beyond the limit. */
  readonly estimate: number;
};

function estimateOf(job: WorkloadJob, told: Told, limit: number): number {
  if (told === 'user') return limit;
  return told === 'oracle' ? job.run : (job.prediction ?? limit);
}

export function widthOf(job: WorkloadJob): number {
  return job.parts.reduce((sum, { ranks, accelerators }) => sum + ranks * Math.max(1, accelerators), 0);
}

/** `jobs` by submit time, as a workload holds them. */
export function referenceJobs(jobs: readonly WorkloadJob[], told: Told): readonly ReferenceJob[] {
  return jobs.map((job, index) => {
    const limit = job.limit ?? (told === 'noisy' ? Number.POSITIVE_INFINITY : job.run);
    return {
      id: job.id,
      index,
      submit: job.submit,
      run: job.run,
      width: widthOf(job),
      limit,
      estimate: Math.max(1, Math.min(estimateOf(job, told, limit), limit)),
    };
  });
}
