import { expect, it } from 'vitest';
import { levenbergMarquardt } from '../../../predictors/numeric/levenbergMarquardt.ts';

const X = Array.from({ length: 30 }, (_, i) => i / 10);
const WIDE = { low: [-10, -10], high: [10, 10] };

const decay = (y: readonly number[]) => (p: readonly number[]) =>
  X.map((x, i) => (p[0] as number) * Math.exp(-(p[1] as number) * x) - (y[i] as number));

const TRUE = X.map((x) => 2 * Math.exp(-0.7 * x));

it('finds the parameters of a curve', () => {
  const [a, b] = levenbergMarquardt({ residuals: decay(TRUE), start: [1, 0.1], bounds: WIDE });
  expect(a).toBeCloseTo(2, 5);
  expect(b).toBeCloseTo(0.7, 5);
});

it('is hardly moved by a wild row under the soft loss, and far without', () => {
  const wild = TRUE.with(3, 9);
  const soft = levenbergMarquardt({ residuals: decay(wild), start: [1, 0.1], bounds: WIDE, softL1: 0.01 });
  const plain = levenbergMarquardt({ residuals: decay(wild), start: [1, 0.1], bounds: WIDE });
  expect(Math.abs((soft[0] as number) - 2)).toBeLessThan(0.02);
  expect(Math.abs((plain[0] as number) - 2)).toBeGreaterThan(0.2);
});

it('stays within its bounds', () => {
  const bounds = { low: [0, 0], high: [1.5, 10] };
  const [a] = levenbergMarquardt({ residuals: decay(TRUE), start: [1, 0.1], bounds });
  expect(a).toBe(1.5);
});

it('takes the prior where there are no rows, and the rows where there are many', () => {
  const prior = { towards: [1, 1], spread: [0.5, 0.5] };
  const none = levenbergMarquardt({ residuals: () => [], start: [3, 3], bounds: WIDE, prior });
  expect(none[0]).toBeCloseTo(1, 4);
  const many = levenbergMarquardt({
    residuals: (p) => decay(TRUE)(p).map((r) => 1000 * r),
    start: [1, 1],
    bounds: WIDE,
    prior,
  });
  expect(many[0]).toBeCloseTo(2, 3);
});
