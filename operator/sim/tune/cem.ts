/**
 * The cross-entropy method (Rubinstein 1999; de Boer et al., "A tutorial on the cross-entropy method", Annals of OR 134,
 * 2005) for a function that is dear and noisy: draw points from a normal distribution, keep the best, fit the
 * distribution to them, again. Knows nothing of policies.
 */
import { normal } from '../synthetic/distributions.ts';
import type { Random } from '../synthetic/random.ts';

export type CemOptions = {
  /** Where the search begins, in the unit cube; its length is the number of dimensions. */
  readonly start: readonly number[];
  /** Standard deviation of the first points, of the cube's edge. */
  readonly spread: number;
  /** Points of a generation, and the best of them that the next is drawn around. */
  readonly population: number;
  readonly elite: number;
  readonly generations: number;
  readonly random: Random;
};

type Tried = { readonly point: readonly number[]; readonly value: number; readonly generation: number };

export type Found = {
  /** Middle of the last distribution: the better answer where single values are noisy. */
  readonly mean: readonly number[];
  /** All points, in the order in which they were tried. */
  readonly tried: readonly Tried[];
};

/** Weight of what the elite says against what was believed before: less than 1 keeps one lucky generation from deciding. */
const SMOOTHING = 0.7;

/** The distribution never becomes narrower than this: a noisy function would freeze it by chance. */
const NARROWEST = 0.02;

const within = (x: number) => Math.min(1, Math.max(0, x));

/** Reflected at the edges, so that points do not pile up on them. */
function reflected(x: number): number {
  const folded = Math.abs(x) % 2;
  return within(folded > 1 ? 2 - folded : folded);
}

/** Looks for the least of `value` in the unit cube. `value` is told the generation: points of one should share their noise. */
export function minimise(
  value: (point: readonly number[], generation: number) => number,
  { start, spread, population, elite, generations, random }: CemOptions,
): Found {
  let mean = start.map(within);
  let deviation = start.map(() => spread);
  const tried: Tried[] = [];
  for (let generation = 0; generation < generations; generation += 1) {
    const drawn = Array.from({ length: population }, (_, i): Tried => {
      // The middle itself is a candidate too.
      const point = i === 0 ? mean : mean.map((middle, d) => reflected(middle + (deviation[d] ?? 0) * normal(random)));
      return { point, value: value(point, generation), generation };
    });
    tried.push(...drawn);
    const best = drawn.toSorted((a, b) => a.value - b.value).slice(0, elite);
    const column = (d: number) => best.map(({ point }) => point[d] ?? 0);
    const [before, spreadBefore] = [mean, deviation];
    mean = before.map((old, d) => old + SMOOTHING * (average(column(d)) - old));
    deviation = spreadBefore.map((old, d) => Math.max(NARROWEST, old + SMOOTHING * (deviationOf(column(d)) - old)));
  }
  return { mean, tried };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const middle = average(values);
  return Math.sqrt(average(values.map((x) => (x - middle) ** 2)));
}
