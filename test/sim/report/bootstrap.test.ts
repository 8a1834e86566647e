import { describe, expect, it } from 'vitest';
import { bootstrap } from '../../../operator/sim/report/bootstrap.ts';
import { mean } from '../../../operator/sim/report/stats.ts';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';

/** Bell-shaped enough: the sum of twelve uniform numbers. */
function noise(count: number, seed: number): number[] {
  const random = randomStream(seed, 'noise');
  const one = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b, 0) - 6;
  return Array.from({ length: count }, one);
}

const options = { block: 1, resamples: 400, seed: 1 };

describe('the bootstrap', () => {
  it('reports the mean of the differences, inside its interval', () => {
    const differences = noise(200, 3).map((x) => x + 2);
    const { difference, low, high, blocks } = bootstrap(differences, options);
    expect(difference).toBeCloseTo(mean(differences), 12);
    expect(low).toBeLessThan(difference);
    expect(high).toBeGreaterThan(difference);
    // The normal interval of 200 values of deviation 1 is 0.277 wide.
    expect(high - low).toBeGreaterThan(0.2);
    expect(high - low).toBeLessThan(0.36);
    expect(blocks).toBe(200);
  });

  it('calls less better and more worse, and nothing what is the same', () => {
    const differences = noise(200, 4);
    expect(
      bootstrap(
        differences.map((x) => x - 1),
        options,
      ).verdict,
    ).toBe('better');
    expect(
      bootstrap(
        differences.map((x) => x + 1),
        options,
      ).verdict,
    ).toBe('worse');
    expect(
      bootstrap(
        Array.from({ length: 200 }, () => 0),
        options,
      ).verdict,
    ).toBe('no difference shown');
  });

  it('claims a difference that is not there about once in twenty times', () => {
    const claims = Array.from({ length: 200 }, (_, seed) => bootstrap(noise(60, seed + 10), { ...options, seed }));
    const wrong = claims.filter(({ verdict }) => verdict !== 'no difference shown').length;
    expect(wrong).toBeGreaterThan(1);
    expect(wrong).toBeLessThan(24);
  });

  it('is wider in blocks where neighbours resemble each other', () => {
    const episodes = noise(40, 5).flatMap((x) => Array.from({ length: 25 }, () => x));
    const width = (block: number) => {
      const { low, high } = bootstrap(episodes, { ...options, block });
      return high - low;
    };
    expect(width(25)).toBeGreaterThan(3 * width(1));
  });

  it('claims nothing from fewer than ten blocks', () => {
    const clear = Array.from({ length: 90 }, (_, i) => 100 + (i % 3));
    expect(bootstrap(clear, { ...options, block: 10 })).toMatchObject({ blocks: 9, verdict: 'no difference shown' });
    expect(bootstrap(clear, { ...options, block: 9 })).toMatchObject({ blocks: 10, verdict: 'worse' });
  });

  it('depends on its seed alone', () => {
    const differences = noise(50, 6);
    expect(bootstrap(differences, options)).toEqual(bootstrap(differences, options));
    expect(bootstrap(differences, { ...options, seed: 2 }).low).not.toBe(bootstrap(differences, options).low);
  });

  it('weighs every job alike where the last block is short', () => {
    expect(bootstrap([1, 1, 1, 1, 11], { ...options, block: 2 }).difference).toBe(3);
  });
});
