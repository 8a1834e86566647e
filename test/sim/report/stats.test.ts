import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distribution, jain, mean, median, quantile, shareOf, sorted } from '../../../operator/sim/report/stats.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('quantiles', () => {
  it('lie on straight lines between the sorted values', () => {
    const ascending = sorted([40, 10, 30, 20]);
    expect([0, 1 / 3, 0.5, 0.95, 1].map((q) => quantile(ascending, q))).toEqual([10, 20, 25, 38.5, 40]);
    expect(median([3, 1, 2])).toBe(2);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('rise with q and stay between least and largest', () => {
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (v, a, b) => {
          const ascending = sorted(v);
          const [low, high] = [quantile(ascending, Math.min(a, b)), quantile(ascending, Math.max(a, b))];
          expect(low).toBeLessThanOrEqual(high + 1e-9 * Math.abs(high));
          expect(low).toBeGreaterThanOrEqual(Math.min(...v));
          expect(high).toBeLessThanOrEqual(Math.max(...v));
        },
      ),
    );
  });
});

describe('a distribution', () => {
  it('of 0 to 1000 is what everybody can work out', () => {
    const all = Array.from({ length: 1001 }, (_, i) => 1000 - i);
    expect(distribution(all)).toEqual({ mean: 500, median: 500, p95: 950, p99: 990, p999: 999, max: 1000 });
  });

  it('of nothing is nothing', () => {
    expect(distribution([])).toBeUndefined();
    expect(mean([])).toBeNaN();
  });
});

describe("Jain's index", () => {
  it('is 1 for equal shares and 1/n where one has all', () => {
    expect(jain([1.1, 1.1, 1.1])).toBe(1);
    expect(jain([5, 0, 0, 0])).toBe(0.25);
  });

  it('does not depend on the unit', () => {
    const positive = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(positive, fc.double({ min: 0.01, max: 100, noNaN: true }), (v, unit) => {
        expect(jain(v.map((x) => x * unit))).toBeCloseTo(jain(v), 9);
        expect(jain(v)).toBeGreaterThanOrEqual(1 / v.length - 1e-12);
        expect(jain(v)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

it('a share counts', () => {
  expect(shareOf([1, 2, 3, 4], (n) => n > 1)).toBe(0.75);
});
