import { expect, it } from 'vitest';
import { marginOf, tryUnseen, upperSlowdown } from '../../../predictors/energy/upper.ts';
import { CAPS, capped, samples, V } from './samples.ts';

/** Programs whose slowdown is what the law says times one of these. */
const spread = [0.6, 0.8, 1, 1.2, 1.5, 2].flatMap((factor, i) =>
  [0.5, 0.7, 0.9].flatMap((share) =>
    capped(`p${i}`, V, share, CAPS).map((sample) => ({ ...sample, slowdown: 1 + factor * (sample.slowdown - 1) })),
  ),
);

it('tries every sample with a model that has not seen its program', () => {
  const tried = tryUnseen(spread);
  expect(tried).toHaveLength(spread.length);
  // The slowest program lies above what the others say of it.
  const slowest = tried.filter(({ sample }) => sample.program === 'p5' && sample.slowdown > 1.1);
  expect(slowest.length).toBeGreaterThan(0);
  for (const { sample, predicted } of slowest) expect(sample.slowdown).toBeGreaterThan(predicted.slowdown);
});

it('has a margin that covers its share of the tried samples', () => {
  const tried = tryUnseen(spread);
  for (const level of [0.5, 0.8, 0.95]) {
    const margin = marginOf(tried, level);
    const covered = tried.filter(
      ({ sample, predicted }) =>
        Math.log(sample.slowdown) <= Math.log(upperSlowdown(predicted.slowdown, margin)) + 1e-12,
    );
    expect(covered.length / tried.length).toBeGreaterThanOrEqual(level);
  }
});

it('promises nothing where nothing could be tried', () => {
  expect(tryUnseen(samples().filter(({ program }) => program === 'program 0'))).toEqual([]);
  expect(marginOf([], 0.95)).toBe(Number.POSITIVE_INFINITY);
});
