import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random, randomStream } from '../../../operator/sim/synthetic/random.ts';

const take = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

describe('Random', () => {
  it('gives the numbers of the reference implementation', () => {
    // xoshiro128starstar.c, version 1.1, from state {1, 2, 3, 4}.
    expect(take(new Random(1, 2, 3, 4), 10)).toEqual([
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492, 1_287_239_034, 3_734_860_849, 3_729_100_597,
      4_258_142_804,
    ]);
  });

  it('is uniform: ten thousand draws fill ten bins evenly', () => {
    const random = randomStream(7, 'test');
    const bins = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) {
      const value = random.uniform();
      expect(value >= 0 && value < 1).toBe(true);
      bins[Math.floor(value * 10)] = (bins[Math.floor(value * 10)] as number) + 1;
    }
    // Chi-squared with 9 degrees of freedom: above 27.9 once in a thousand seeds.
    expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
  });

  it('draws whole numbers with both ends', () => {
    const random = randomStream(1, 'ends');
    expect(new Set(Array.from({ length: 200 }, () => random.whole(3, 5)))).toEqual(new Set([3, 4, 5]));
  });
});

describe('randomStream', () => {
  const seed = fc.maxSafeNat();

  it('repeats itself and differs by seed and by purpose', () => {
    fc.assert(
      fc.property(seed, seed, (one, other) => {
        fc.pre(one !== other);
        const first = take(randomStream(one, 'a'), 8);
        expect(take(randomStream(one, 'a'), 8)).toEqual(first);
        expect(take(randomStream(one, 'b'), 8)).not.toEqual(first);
        expect(take(randomStream(other, 'a'), 8)).not.toEqual(first);
      }),
    );
  });

  it('uses the seed beyond 32 bits', () => {
    expect(take(randomStream(5, 'a'), 8)).not.toEqual(take(randomStream(5 + 2 ** 32, 'a'), 8));
  });
});
