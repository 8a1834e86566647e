import { describe, expect, it } from 'vitest';
import { fromQuantiles, gamma, normal, Weighted } from '../../../operator/sim/synthetic/distributions.ts';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';

const COUNT = 20_000;

function moments(draw: () => number): { mean: number; deviation: number } {
  const values = Array.from({ length: COUNT }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('distributions', () => {
  it('normal has mean 0 and deviation 1', () => {
    const random = randomStream(1, 'normal');
    const { mean, deviation } = moments(() => normal(random));
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.03);
  });

  it.each([
    [1, 2],
    [10.46, 0.4871],
  ])('gamma of shape %d and scale %d has the moments of its parameters', (shape, scale) => {
    const random = randomStream(2, 'gamma');
    const { mean, deviation } = moments(() => gamma(random, shape, scale));
    expect(mean / (shape * scale)).toBeCloseTo(1, 1);
    expect(deviation / (Math.sqrt(shape) * scale)).toBeCloseTo(1, 1);
  });

  it('weighted indices come in proportion, and those of weight 0 never', () => {
    const random = randomStream(3, 'weighted');
    const weighted = new Weighted([0, 1, 0, 3, 0]);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < COUNT; i++) {
      const index = weighted.draw(random);
      counts[index] = (counts[index] as number) + 1;
    }
    expect([counts[0], counts[2], counts[4]]).toEqual([0, 0, 0]);
    expect((counts[3] as number) / (counts[1] as number)).toBeCloseTo(3, 0);
  });

  it('quantiles are met', () => {
    const random = randomStream(4, 'quantiles');
    const values = Array.from({ length: COUNT }, () => fromQuantiles(random, [1, 10, 1000])).sort((a, b) => a - b);
    expect(values[0]).toBeGreaterThanOrEqual(1);
    expect(values.at(-1)).toBeLessThanOrEqual(1000);
    expect(Math.log10(values[COUNT / 2] as number)).toBeCloseTo(1, 1);
    expect(Math.log10(values[COUNT / 4] as number)).toBeCloseTo(0.5, 1);
  });
});
