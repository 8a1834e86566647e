import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';
import { type CemOptions, minimise } from '../../../operator/sim/tune/cem.ts';

const options = (start: readonly number[], more: Partial<CemOptions> = {}): CemOptions => ({
  start,
  spread: 0.25,
  population: 20,
  elite: 5,
  generations: 25,
  random: randomStream(1, 'test'),
  ...more,
});

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, d) => x - (b[d] ?? 0)));

describe('the cross-entropy method', () => {
  test('finds the least of a bowl', () => {
    const least = [0.8, 0.2, 0.5, 0.35];
    const { mean, tried } = minimise((point) => distance(point, least) ** 2, options([0.5, 0.5, 0.5, 0.5]));
    expect(distance(mean, least)).toBeLessThan(0.03);
    expect(tried).toHaveLength(500);
  });

  test('follows the bent valley of Rosenbrock', () => {
    const value = ([x = 0, y = 0]: readonly number[]) => (1 - 2 * x) ** 2 + 100 * (2 * y - (2 * x) ** 2) ** 2;
    const { mean } = minimise(value, options([0.1, 0.9], { population: 60, elite: 12, generations: 60 }));
    expect(distance(mean, [0.5, 0.5])).toBeLessThan(0.06);
  });

  test('finds it behind noise that the points of a generation share, and at the edge of the cube', () => {
    const noise = randomStream(2, 'noise');
    const offsets = Array.from({ length: 25 }, () => noise.uniform() * 10);
    const { mean } = minimise(
      (point, generation) => distance(point, [1, 0]) + (offsets[generation] ?? 0),
      options([0.3, 0.6]),
    );
    expect(distance(mean, [1, 0])).toBeLessThan(0.05);
  });

  test('stays in the cube, and is the same for the same seed', () => {
    const value = ([x = 0]: readonly number[]) => Math.sin(20 * x);
    const run = (seed: number) =>
      minimise(value, options([0.9, 1.4], { spread: 2, random: randomStream(seed, 'test') }));
    for (const { point } of run(1).tried) for (const x of point) expect(x >= 0 && x <= 1).toBe(true);
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
  });
});
