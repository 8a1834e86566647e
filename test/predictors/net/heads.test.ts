import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answer, type Goals, headCount, loss } from '../../../predictors/net/heads.ts';

const HEADS = { levels: [0.1, 0.5, 0.9], z: true };
const number = fc.float({ min: -6, max: 6, noNaN: true });

/** One row whose last layer, goal and nature are given. */
function goals(target: number, { quick = 0.3, censored = 0, weight = 1 } = {}): Goals {
  return {
    targets: Float32Array.of(target),
    quick: Float32Array.of(quick),
    censored: Uint8Array.of(censored),
    weights: Float32Array.of(weight),
  };
}

describe('answer', () => {
  test('quantiles never cross, and z is a chance, whatever the last layer holds', () => {
    const wild = fc.float({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(wild, wild, wild, wild), (last) => {
        const [q10 = 0, q50 = 0, q90 = 0, z = 0] = Float32Array.from(last).subarray();
        const row = Float32Array.of(q10, q50, q90, z);
        answer(row, HEADS);
        expect(row[1]).toBeGreaterThanOrEqual(row[0] ?? Number.NaN);
        expect(row[2]).toBeGreaterThanOrEqual(row[1] ?? Number.NaN);
        expect(row[3]).toBeGreaterThanOrEqual(0);
        expect(row[3]).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('loss', () => {
  test('slopes are the derivatives (finite differences)', () => {
    const row = fc.tuple(number, number, number, number);
    fc.assert(
      fc.property(row, number, fc.boolean(), (last, target, censored) => {
        const at = goals(target, { censored: Number(censored) });
        const slopes = new Float32Array(4);
        loss(Float32Array.from(last), at, HEADS, slopes);
        const quantiles = Float32Array.from(last);
        answer(quantiles, HEADS);
        // At a kink there is no derivative.
        fc.pre(quantiles.subarray(0, 3).every((quantile) => Math.abs(quantile - target) > 0.05));
        const step = 0.01;
        last.forEach((_, k) => {
          const moved = (by: number): number =>
            loss(
              Float32Array.from(last, (value, i) => value + (i === k ? by : 0)),
              at,
              HEADS,
            );
          expect(slopes[k]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
        });
      }),
    );
  });

  test('the constant that loses least is the quantile of the targets', () => {
    const targets = Float32Array.from({ length: 101 }, (_, i) => i / 100);
    const many: Goals = {
      targets,
      censored: new Uint8Array(101),
      weights: new Float32Array(101).fill(1),
    };
    for (const level of [0.1, 0.5, 0.9]) {
      const losses = targets.map((value) =>
        loss(new Float32Array(101).fill(value), many, { levels: [level], z: false }),
      );
      expect(targets[losses.indexOf(Math.min(...losses))]).toBeCloseTo(level, 2);
    }
  });

  test('a censored row loses nothing to a longer prediction, as much as any to a shorter, and says nothing of z', () => {
    const loses = (q: number, censored: number): number =>
      loss(Float32Array.of(q), goals(1, { censored }), { levels: [0.5], z: false });
    expect(loses(3, 1)).toBe(0);
    expect(loses(3, 0)).toBe(1);
    expect(loses(-1, 1)).toBe(loses(-1, 0));
    const slopes = new Float32Array(4);
    loss(new Float32Array(4), goals(1, { censored: 1 }), HEADS, slopes);
    expect(slopes[3]).toBe(0);
  });

  test('weights count rows, and none at all is no loss', () => {
    const twice: Goals = {
      targets: Float32Array.of(0, 5),
      censored: new Uint8Array(2),
      weights: Float32Array.of(3, 1),
    };
    const heads = { levels: [0.5], z: false };
    expect(loss(Float32Array.of(1, 1), twice, heads)).toBeCloseTo((3 * 0.5 + 1 * 2) / 4, 6);
    expect(loss(Float32Array.of(1), goals(0, { weight: 0 }), heads)).toBe(0);
  });

  test('there is one number for each level, and one for z', () => {
    expect(headCount(HEADS)).toBe(4);
    expect(headCount({ levels: [0.5], z: false })).toBe(1);
  });
});
