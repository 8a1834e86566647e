import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SlidingQuantile } from '../../../predictors/runtime/slidingQuantile.ts';

const told = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.5, 1, 2)), {
  minLength: 1,
  maxLength: 60,
});

it('is the weighted quantile of the last values told', () => {
  fc.assert(
    fc.property(told, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, level) => {
      const sliding = new SlidingQuantile(10);
      for (const [value, weight] of values) sliding.add(value, weight);
      const last = values.slice(-10).toSorted(([a], [b]) => a - b);
      const wanted = level * last.reduce((sum, [, weight]) => sum + weight, 0);
      const found = sliding.quantile(level);
      const upTo = (limit: number) =>
        last.filter(([value]) => value <= limit).reduce((sum, [, weight]) => sum + weight, 0);
      expect(last.map(([value]) => value)).toContain(found);
      expect(upTo(found)).toBeGreaterThanOrEqual(wanted - 1e-9);
      expect(upTo(found - 1)).toBeLessThan(wanted + 1e-9);
    }),
  );
});

it('comes back from its values', () => {
  const sliding = new SlidingQuantile(4);
  for (const value of [3, 1, 4, 1, 5, 9]) sliding.add(value, value / 2);
  expect(sliding.values()).toEqual({ values: [4, 1, 5, 9], weights: [2, 0.5, 2.5, 4.5] });
});

it('knows no quantile of nothing', () => {
  expect(new SlidingQuantile(3).quantile(0.5)).toBeNaN();
});

it('lets the oldest value go', () => {
  const sliding = new SlidingQuantile(4);
  for (const value of [9, 1, 5, 3, 7]) sliding.add(value);
  sliding.drop();
  expect(sliding.values().values).toEqual([5, 3, 7]);
  sliding.add(2);
  sliding.add(4);
  sliding.drop();
  expect(sliding.values().values).toEqual([7, 2, 4]);
  expect(sliding.quantile(0.5)).toBe(4);
});
