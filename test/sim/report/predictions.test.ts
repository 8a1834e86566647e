import { describe, expect, it } from 'vitest';
import { predictionSummary } from '../../../operator/sim/report/predictions.ts';
import { jobOf } from './jobs.ts';

const of = (index: number, run: number, [q10, q50, q90]: readonly [number, number, number], expired = false) => {
  const submit = { q10, q50, q90 };
  return jobOf({ index, run, expired, predicted: { submit, start: { q10: run, q50: run, q90: run } } });
};

describe('predictions', () => {
  it('that are exact are exact', () => {
    const exact = predictionSummary([of(0, 50, [50, 50, 50])])?.submit;
    expect(exact).toMatchObject({ jobs: 1, acc: 1, mae: 0, under: 0, inside: 1, belowQ90: 1 });
    expect(exact?.male).toBeCloseTo(0, 15);
  });

  it('are judged by ratio, by seconds and by their interval', () => {
    const jobs = [
      of(0, 100, [10, 50, 90], true), // too short by a factor of two, above q90
      of(1, 100, [110, 200, 300]), // too long by two, below q10
      of(2, 100, [50, 100, 150]),
      jobOf({ index: 3 }),
    ];
    const found = predictionSummary(jobs);
    expect(found?.submit).toMatchObject({ jobs: 3, acc: 2 / 3, mae: 50, under: 1 / 3, inside: 1 / 3, belowQ90: 2 / 3 });
    expect(found?.submit.male).toBeCloseTo((2 * Math.log10(2)) / 3, 12);
    expect(found?.start).toMatchObject({ jobs: 3, acc: 1, mae: 0 });
    expect(found?.expired).toBeCloseTo(1 / 3, 12);
  });

  it('below a second, or below nothing, do not spoil the ratios', () => {
    const found = predictionSummary([of(0, 0, [-5, -3, 0])])?.submit;
    expect(found).toMatchObject({ acc: 1, mae: 3 });
    expect(found?.male).toBeCloseTo(0, 15);
  });

  it('are followed over every two thousand jobs', () => {
    const jobs = Array.from({ length: 5000 }, (_, i) => of(i + 7, 100, i < 2000 ? [100, 100, 100] : [200, 200, 200]));
    const moving = predictionSummary(jobs)?.moving ?? [];
    expect(moving.map(({ from, jobs, acc }) => [from, jobs, acc])).toEqual([
      [7, 2000, 1],
      [2007, 2000, 0.5],
      [4007, 1000, 0.5],
    ]);
  });

  it('are nothing where there are none', () => {
    expect(predictionSummary([jobOf()])).toBeUndefined();
  });
});
