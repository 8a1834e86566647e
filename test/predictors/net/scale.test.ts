import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleOf, standardise } from '../../../predictors/net/scale.ts';

test('columns come out with mean 0 and spread 1, weighted', () => {
  const rows = Float64Array.of(1, 10, 3, 10, 3, 10);
  const { means, spreads } = scaleOf(rows, 2, Float64Array.of(2, 1, 1));
  expect([...means]).toEqual([2, 10]);
  expect([...spreads]).toEqual([1, 0]);
  expect([...standardise(rows, 3, { means, spreads })]).toEqual([-1, 0, 1, 0, 1, 0]);
});

test('whatever comes in, what comes out is finite and within reach', () => {
  const column = fc.double({ noNaN: false });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 20 }), column, (values, mean) => {
      const scale = { means: Float64Array.of(Number.isFinite(mean) ? mean : 0), spreads: Float64Array.of(1e-3) };
      const scaled = standardise(Float64Array.from(values), values.length, scale);
      expect(scaled.every((value) => Math.abs(value) <= 5)).toBe(true);
    }),
  );
});

test('a large mean does not hide a small spread', () => {
  const rows = Float64Array.of(1e6 - 2, 1e6, 1e6 + 2);
  const { spreads } = scaleOf(rows, 1, new Float64Array(3).fill(1));
  expect(spreads[0]).toBeCloseTo(Math.sqrt(8 / 3), 9);
});
