/** What became of gangs that lived, and what mishaps cost. */
import type { JobResult } from '../results.ts';
import { area } from './metrics.ts';
import type { LifeSummary } from './schema.ts';

type Lived = JobResult & { readonly life: NonNullable<JobResult['life']> };

/** Undefined when lives were not simulated. */
export function lifeSummary(jobs: readonly JobResult[]): LifeSummary | undefined {
  const lived = jobs.filter((job): job is Lived => job.life !== undefined);
  if (lived.length === 0) return undefined;
  const failed = lived.filter(({ life }) => life.state === 'Failed');
  const lost = lived.reduce((sum, { life }) => sum + life.lost, 0);
  const kept = lived.reduce((sum, job) => sum + (job.life.state === 'Succeeded' ? area(job) : 0), 0);
  const reasons = [...Map.groupBy(failed, ({ life }) => life.reason)].map(([reason, all]) => ({
    reason,
    jobs: all.length,
  }));
  return {
    succeeded: lived.length - failed.length,
    failed: failed.length,
    reasons: reasons.toSorted((a, b) => b.jobs - a.jobs),
    retried: lived.filter(({ life }) => life.attempts > 1).length,
    attempts: lived.reduce((sum, { life }) => sum + life.attempts, 0),
    lost,
    lostShare: lost + kept === 0 ? 0 : lost / (lost + kept),
  };
}
