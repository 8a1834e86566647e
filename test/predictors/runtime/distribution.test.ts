import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalGuess, pointOf } from '../../../predictors/runtime/distribution.ts';

it('names the median of a guess that is alike on both sides', () => {
  expect(pointOf(normalGuess(6, 0.2, 0.1), 50)).toBeCloseTo(6, 1);
});

it('leans to where runs are dense: many just at the top, few far below', () => {
  const guess = Float64Array.of(1, 5.8, 6, 6.1, 6.2, 0.1);
  expect(pointOf(guess, 50)).toBeGreaterThan(5.8);
  expect(pointOf(Float64Array.of(5, 5.1, 5.3, 8, 9, 0.1), 50)).toBeLessThan(5.5);
});

it('stays between the outer quantiles and below the longest run possible', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -2, max: 15, noNaN: true }), { minLength: 5, maxLength: 5 }), (logs) => {
      const sorted = logs.toSorted((a, b) => a - b);
      const point = pointOf(Float64Array.of(...sorted, 0.1), 10);
      expect(point).toBeLessThanOrEqual(10);
      expect(Number.isFinite(point)).toBe(true);
    }),
  );
});
