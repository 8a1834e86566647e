/** Is the difference of two paired runs more than chance? The bootstrap (Efron, 1979) over blocks of jobs in a row. */
import { type Random, randomStream } from '../synthetic/random.ts';
import { mean, quantile, sorted } from './stats.ts';

/** Of a quantity of which less is better, the second run against the first. */
type Verdict = 'better' | 'worse' | 'no difference shown';

export type Interval = {
  /** Mean of the differences, second minus first. */
  readonly difference: number;
  /** 95 % interval of that mean. */
  readonly low: number;
  readonly high: number;
  /** Blocks that were drawn from. */
  readonly blocks: number;
  readonly verdict: Verdict;
};

export type BootstrapOptions = {
  /** Consecutive differences that are drawn together; 1: each alone. */
  readonly block: number;
  readonly resamples: number;
  readonly seed: number;
};

/** An interval from fewer blocks is far too narrow: nothing is claimed from it. */
export const FEWEST_BLOCKS = 10;

/**
 * Neighbours in a queue wait for the same jobs, so their differences are not independent: with blocks as long as such
 * episodes the interval is honest. At least one difference is needed; the last block may be shorter.
 */
export function bootstrap(differences: readonly number[], options: BootstrapOptions): Interval {
  const { sums, sizes } = blocksOf(differences, options.block);
  const random = randomStream(options.seed, 'bootstrap');
  const means = Array.from({ length: options.resamples }, () => resampledMean(sums, sizes, random));
  const ascending = sorted(means);
  const [low, high] = [quantile(ascending, 0.025), quantile(ascending, 0.975)];
  const verdict = verdictOn(low, high, sums.length);
  return { difference: mean(differences), low, high, blocks: sums.length, verdict };
}

function verdictOn(low: number, high: number, blocks: number): Verdict {
  if (blocks < FEWEST_BLOCKS) return 'no difference shown';
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'no difference shown';
}

function blocksOf(values: readonly number[], length: number) {
  const count = Math.ceil(values.length / length);
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  for (const [i, value] of values.entries()) {
    const block = Math.floor(i / length);
    sums[block] = (sums[block] as number) + value;
    sizes[block] = (sizes[block] as number) + 1;
  }
  return { sums, sizes };
}

function resampledMean(sums: Float64Array, sizes: Float64Array, random: Random): number {
  let sum = 0;
  let size = 0;
  for (let i = 0; i < sums.length; i++) {
    const drawn = random.whole(0, sums.length - 1);
    sum += sums[drawn] as number;
    size += sizes[drawn] as number;
  }
  return sum / size;
}
