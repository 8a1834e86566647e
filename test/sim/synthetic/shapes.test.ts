import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundLimit, userLimit } from '../../../operator/sim/synthetic/limits.ts';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';
import { stretched, stretchFactor, workOf } from '../../../operator/sim/synthetic/stretch.ts';
import { acceleratorWidths, mpiWidths } from '../../../operator/sim/synthetic/widths.ts';

const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n));
const share = (values: readonly number[], holds: (value: number) => boolean) =>
  values.filter(holds).length / values.length;

describe('widths', () => {
  it('fit the machine, whatever its size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.maxSafeNat(), (most, seed) => {
        const random = randomStream(seed, 'widths');
        for (const model of [mpiWidths(most, 0.2), acceleratorWidths(most, 0.2)]) {
          for (let i = 0; i < 50; i++) {
            const width = model(random);
            expect(Number.isInteger(width) && width >= 1 && width <= most).toBe(true);
          }
        }
      }),
    );
  });

  it('of MPI are mostly powers of two, with the share of serial jobs asked for', () => {
    const random = randomStream(1, 'widths');
    const widths = Array.from({ length: 10_000 }, () => mpiWidths(256, 0.3)(random));
    expect(share(widths, (width) => width === 1)).toBeCloseTo(0.3, 1);
    expect(share(widths, isPowerOfTwo)).toBeGreaterThan(0.8);
    expect(share(widths, (width) => !isPowerOfTwo(width))).toBeGreaterThan(0.05);
    expect(share(widths, (width) => width > 128)).toBeGreaterThan(0.005);
  });

  it('of accelerators are powers of two up to the largest that fits', () => {
    const random = randomStream(1, 'widths');
    const widths = Array.from({ length: 20_000 }, () => acceleratorWidths(100, 0.6)(random));
    expect(share(widths, isPowerOfTwo)).toBe(1);
    expect(share(widths, (width) => width === 1)).toBeCloseTo(0.6, 1);
    expect(Math.max(...widths)).toBe(64);
  });
});

describe('limits', () => {
  it('are round, at least the run time and at most the longest', () => {
    const run = fc.integer({ min: 1, max: 216_000 });
    fc.assert(
      fc.property(run, fc.maxSafeNat(), fc.double({ min: 0, max: 3, noNaN: true }), (run, seed, inflation) => {
        const limit = userLimit(randomStream(seed, 'limits'), run, inflation, 216_000);
        expect(limit).toBeGreaterThanOrEqual(run);
        expect(limit).toBeLessThanOrEqual(216_000);
        expect(limit % 60).toBe(0);
      }),
    );
  });

  it('overestimate short jobs far more than long ones, as on KTH-SP2', () => {
    const random = randomStream(1, 'limits');
    const median = (run: number) => {
      const ratios = Array.from({ length: 2001 }, () => userLimit(random, run, 1, 216_000) / run);
      return ratios.sort((a, b) => a - b)[1000] as number;
    };
    expect(median(100)).toBeGreaterThan(4);
    expect(median(36_000)).toBeLessThan(1.3);
  });

  it('without inflation are the run time in round numbers', () => {
    expect(userLimit(randomStream(1, 'limits'), 3601, 0, 216_000)).toBe(5400);
    expect([1, 60, 61, 64_801, 86_401].map(roundLimit)).toEqual([60, 60, 120, 86_400, 172_800]);
  });
});

describe('stretch', () => {
  const jobs = fc
    .array(fc.record({ width: fc.integer({ min: 1, max: 64 }), run: fc.double({ min: 1, max: 1e5, noNaN: true }) }), {
      minLength: 5,
      maxLength: 50,
    })
    .map((jobs) => ({ widths: jobs.map(({ width }) => width), runs: jobs.map(({ run }) => run) }));

  it('finds the factor that gives a work that some factor gives', () => {
    fc.assert(
      fc.property(jobs, fc.double({ min: 0.05, max: 20, noNaN: true }), (jobs, wanted) => {
        const target = workOf(jobs, wanted, 200_000);
        const factor = stretchFactor(jobs, target, 200_000) as number;
        // Rounding to whole seconds makes steps of up to one second of every job.
        const step = jobs.widths.reduce((sum, width) => sum + width, 0);
        expect(Math.abs(workOf(jobs, factor, 200_000) - target)).toBeLessThanOrEqual(step + target * 1e-6);
      }),
    );
  });

  it('says where no factor can', () => {
    const jobs = { widths: [2, 3], runs: [10, 20] };
    expect(stretchFactor(jobs, 5 * 1000 + 1, 1000)).toBeUndefined();
    expect(stretchFactor(jobs, 4, 1000)).toBeUndefined();
    expect(stretchFactor({ widths: [], runs: [] }, 100, 1000)).toBeUndefined();
    expect(stretched(0.2, 1, 1000)).toBe(1);
  });
});
