import fc from 'fast-check';
import { expect, it } from 'vitest';
import { effectOf } from '../../../predictors/energy/capLaw.ts';
import { LAW } from './samples.ts';

const share = fc.double({ min: 0.05, max: 1, noNaN: true });

it('has no effect at the largest cap', () => {
  fc.assert(
    fc.property(share, (uncapped) => {
      const { power, slowdown } = effectOf(LAW, { uncapped, cap: 1 });
      expect(power).toBeCloseTo(uncapped, 12);
      expect(slowdown).toBeCloseTo(1, 12);
    }),
  );
});

it('draws less and lasts longer the lower the cap', () => {
  fc.assert(
    fc.property(share, share, share, (uncapped, a, b) => {
      const [low, high] = [
        effectOf(LAW, { uncapped, cap: Math.min(a, b) }),
        effectOf(LAW, { uncapped, cap: Math.max(a, b) }),
      ];
      expect(low.power).toBeLessThanOrEqual(high.power + 1e-12);
      expect(low.slowdown).toBeGreaterThanOrEqual(high.slowdown - 1e-12);
    }),
  );
});

it('leaves a program that draws little as it is', () => {
  const { power, slowdown } = effectOf(LAW, { uncapped: 0.2, cap: 0.5 });
  expect(power).toBeCloseTo(0.2, 3);
  expect(slowdown).toBeLessThan(1.001);
});

it('is the minimum of draw and cap where the knee is sharp', () => {
  const sharp = { ...LAW, sharpness: 200 };
  expect(effectOf(sharp, { uncapped: 0.7, cap: 0.5 }).power).toBeCloseTo(0.8 * 0.5 + 0.03, 3);
  expect(effectOf(sharp, { uncapped: 0.3, cap: 0.5 }).power).toBeCloseTo(0.3, 6);
});
