/** Did promised starts hold? */
import type { JobResult } from '../results.ts';
import type { PromiseSummary } from './schema.ts';
import { distribution } from './stats.ts';

/** A second's difference is not a broken word: plans are made in whole seconds. */
const TOLERANCE = 1;

const isLate = (seconds: number) => seconds > TOLERANCE;

type Promised = JobResult & { readonly reservation: NonNullable<JobResult['reservation']> };

/** Undefined when nothing was promised. */
export function promiseSummary(jobs: readonly JobResult[]): PromiseSummary | undefined {
  const promised = jobs.filter((job): job is Promised => job.reservation !== undefined);
  if (promised.length === 0) return undefined;
  const moved = promised.filter(({ reservation }) => reservation.moved > 0);
  const slips = promised.map(({ reservation: { first, last } }) => last - first).filter(isLate);
  const delays = promised.map(({ start, reservation }) => start - reservation.first).filter(isLate);
  const [laterBy, lateBy] = [distribution(slips), distribution(delays)];
  return {
    jobs: promised.length,
    share: promised.length / jobs.length,
    moved: moved.length,
    moves: moved.reduce((sum, { reservation }) => sum + reservation.moved, 0),
    later: slips.length,
    ...(laterBy && { laterBy }),
    late: delays.length,
    ...(lateBy && { lateBy }),
  };
}
