/** A guess at a run time: logs of the quantiles of LEVELS, rising, then z. One row of a model's answer, as seconds. */
import { HEADS, LEVELS, Z } from './model.ts';

export type Guess = Float64Array;

export const MEDIAN = LEVELS.indexOf(0.5);

/** The standard normal's quantiles at LEVELS. */
const NORMAL = [-1.2816, 0, 0.6745, 1.2816, 1.6449] as const;

/** Of a run that was over at once 1 is left, of a long one next to nothing: the target of z. */
export const quickOf = (seconds: number): number => 10 / Math.max(10, seconds);

/** A log-normal guess around `median` (log seconds). */
export function normalGuess(median: number, spread: number, z: number): Guess {
  const guess = new Float64Array(HEADS);
  for (const [head, at] of NORMAL.entries()) guess[head] = median + at * spread;
  guess[Z] = z;
  return guess;
}

/** The quantile at `level` in 0..1 of a guess, straight lines between the known ones, the outer ones drawn on. */
function quantileAt(guess: Guess, level: number): number {
  let upper = 1;
  while (upper < LEVELS.length - 1 && level > (LEVELS[upper] as number)) upper++;
  const [left, right] = [LEVELS[upper - 1] as number, LEVELS[upper] as number];
  const [low, high] = [guess[upper - 1] as number, guess[upper] as number];
  return low + ((level - left) / (right - left)) * (high - low);
}

const POINTS = 40;
const samples = new Float64Array(POINTS);
const risingSums = new Float64Array(POINTS + 1);

/**
 * The log of the one number to name: midway between the median, which least errs in |log| and in seconds, and the most
 * accurate point, which maximises the expected min/max ratio E[exp(−|y − c|)] and so leans to where runs are dense.
 * `most`: log of the longest run possible.
 */
export function pointOf(guess: Guess, most: number): number {
  for (let index = 0; index < POINTS; index++) {
    samples[index] = Math.min(most, quantileAt(guess, (index + 0.5) / POINTS));
    risingSums[index + 1] = (risingSums[index] as number) + Math.exp(samples[index] as number);
  }
  let best = samples[POINTS >> 1] as number;
  let reached = 0;
  let falling = 0;
  for (let index = POINTS - 1; index >= 0; index--) {
    const point = samples[index] as number;
    const accuracy = (risingSums[index + 1] as number) * Math.exp(-point) + falling * Math.exp(point);
    falling += Math.exp(-point);
    if (accuracy > reached) [best, reached] = [point, accuracy];
  }
  return (best + Math.min(most, guess[MEDIAN] as number)) / 2;
}
