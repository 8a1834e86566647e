import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../operator/core/plan/policy.ts';
import { endOf, predictionFor, runOf, runOfParts } from '../../../operator/core/plan/runtime.ts';
import { endsIn, NOW, prediction, running } from '../snapshots.ts';

describe('predictionFor', () => {
  const general = prediction(1);
  const two = prediction(2, { members: 2 });
  const eight = prediction(8, { members: 8 });
  const ofPool = prediction(10, { pool: 'a' });
  const ofPoolFour = prediction(14, { pool: 'a', members: 4 });

  it('is that for the very width, else for the nearest, else for all', () => {
    const predictions = [general, two, eight];
    expect(predictionFor({ predictions }, 'b', 2)).toBe(two);
    expect(predictionFor({ predictions }, 'b', 6)).toBe(eight);
    expect(predictionFor({ predictions }, 'b', 3)).toBe(two);
    expect(predictionFor({ predictions: [general] }, 'b', 3)).toBe(general);
  });

  it('is one for the pool before one for all, and never one for another pool', () => {
    expect(predictionFor({ predictions: [two, ofPool, ofPoolFour] }, 'a', 2)).toBe(ofPoolFour);
    expect(predictionFor({ predictions: [two, ofPool] }, 'a', 2)).toBe(ofPool);
    expect(predictionFor({ predictions: [ofPool, ofPoolFour] }, 'b', 4)).toBeUndefined();
    expect(predictionFor({}, 'a', 4)).toBeUndefined();
  });
});

describe('runOf', () => {
  const quantiles = { q10: 10, q50: 50, q75: 75, q90: 90 };
  const run = (gang: { time?: number }, estimate: Parameters<typeof runOf>[2], known = true) =>
    runOf(gang, known ? quantiles : undefined, estimate, DEFAULT_POLICY);

  it('is the quantile that is asked for, but never beyond the walltime', () => {
    expect((['q10', 'q50', 'q75', 'q90'] as const).map((q) => run({ time: 80 }, q))).toEqual([10, 50, 75, 80]);
    expect(run({ time: 80 }, 'limit')).toBe(80);
  });

  it('is the walltime without a prediction, and what the policy assumes without either', () => {
    expect(run({ time: 80 }, 'q50', false)).toBe(80);
    expect(run({}, 'q50', false)).toBe(86_400);
    expect(run({}, 'limit', false)).toBe(86_400);
    expect(run({}, 'limit')).toBe(90);
  });

  it('is never below a second', () => {
    expect(runOf({ time: 100 }, prediction(0), 'q50', DEFAULT_POLICY)).toBe(1);
    expect(run({ time: 0 }, 'limit')).toBe(1);
  });

  it('of coupled parts is the longest', () => {
    const predictions = [prediction(30, { pool: 'a' }), prediction(40, { pool: 'b' })];
    const parts = [
      { pool: 'a', members: 1 },
      { pool: 'b', members: 2 },
    ];
    expect(runOfParts({ predictions }, parts, 'q50', DEFAULT_POLICY)).toBe(40);
    expect(runOfParts({ predictions, time: 35 }, parts, 'q50', DEFAULT_POLICY)).toBe(35);
  });
});

describe('endOf', () => {
  const gang = (age: number, time?: number) =>
    running('r', [], 1, { startedAt: NOW - age, ...(time === undefined ? {} : { time }) });

  it('is when the estimate says while that is ahead', () => {
    expect(endOf(gang(100), 101, NOW)).toBe(NOW + 1);
  });

  it('of one that outran its estimate is half as long again as it has run, a minute at least', () => {
    expect(endOf(gang(100), 100, NOW)).toBe(NOW + 60);
    expect(endOf(gang(120), 50, NOW)).toBe(NOW + 60);
    expect(endOf(gang(1000), 50, NOW)).toBe(NOW + 500);
  });

  it('is never beyond the walltime, and of one past it the next second', () => {
    expect(endOf(gang(1000, 1200), 50, NOW)).toBe(NOW + 200);
    expect(endOf(gang(1000, 1000), 50, NOW)).toBe(NOW + 1);
    expect(endOf(running('late', [], 1, endsIn(-50)), 3550, NOW)).toBe(NOW + 1);
  });
});
