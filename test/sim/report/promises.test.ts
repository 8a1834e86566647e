import { describe, expect, it } from 'vitest';
import { promiseSummary } from '../../../operator/sim/report/promises.ts';
import { jobOf } from './jobs.ts';

describe('promised starts', () => {
  it('are counted as moved, as later in the end, and as broken', () => {
    const jobs = [
      jobOf({ index: 0, start: 100, reservation: { first: 100, last: 100, moved: 0 } }),
      jobOf({ index: 1, start: 90, reservation: { first: 100, last: 95, moved: 2 } }), // moved, made good again
      jobOf({ index: 2, start: 130, reservation: { first: 100, last: 120, moved: 1 } }),
      jobOf({ index: 3, start: 101, reservation: { first: 100, last: 101, moved: 0 } }), // within the second
      jobOf({ index: 4 }),
    ];
    expect(promiseSummary(jobs)).toMatchObject({ jobs: 4, share: 0.8, moved: 2, moves: 3, later: 1, late: 1 });
    expect(promiseSummary(jobs)?.laterBy).toMatchObject({ mean: 20, max: 20 });
    expect(promiseSummary(jobs)?.lateBy).toMatchObject({ median: 30, max: 30 });
  });

  it('that all hold have no delays to tell of', () => {
    const kept = promiseSummary([jobOf({ start: 80, reservation: { first: 100, last: 90, moved: 0 } })]);
    expect(kept).toEqual({ jobs: 1, share: 1, moved: 0, moves: 0, later: 0, late: 0 });
    expect(promiseSummary([jobOf()])).toBeUndefined();
  });
});
