/** The distributions that the generator draws from. */
import type { Random } from './random.ts';

/** Standard normal (Marsaglia and Bray, polar method; the second value is not kept). */
export function normal(random: Random): number {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Gamma of a shape of at least 1 (Marsaglia and Tsang, ACM TOMS 26(3), 2000); mean shape × scale. */
export function gamma(random: Random, shape: number, scale: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v * scale;
  }
}

/** Draws an index with a probability in proportion to its weight. */
export class Weighted {
  readonly #sums: Float64Array;

  /** Weights of at least 0 with a positive sum. */
  constructor(weights: readonly number[]) {
    this.#sums = new Float64Array(weights.length);
    let sum = 0;
    for (const [index, weight] of weights.entries()) this.#sums[index] = sum += weight;
  }

  draw(random: Random): number {
    const last = this.#sums.length - 1;
    const at = random.uniform() * (this.#sums[last] as number);
    let [low, high] = [0, last];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sums[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Draws from measured quantiles at equal steps of probability (first: least, last: greatest), between them log-linear. */
export function fromQuantiles(random: Random, quantiles: readonly number[]): number {
  const at = random.uniform() * (quantiles.length - 1);
  const index = Math.floor(at);
  const [below, above] = [quantiles[index] as number, quantiles[index + 1] as number];
  return below * (above / below) ** (at - index);
}
