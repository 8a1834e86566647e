/**
 * The law of a program's run times at one floor: run = floor + exp(linear in the logs of the sizes). Bayesian linear
 * regression with Student-t residuals, by iteratively reweighted least squares (Lange, Little and Taylor, 1989).
 */
import { cholesky, choleskySolve, type Triangle } from '../../numeric/solve.ts';
import { robustSpread, sumOf } from './moments.ts';

/** The law at one floor. */
export type Line = {
  /** Seconds. */
  readonly floor: number;
  readonly intercept: number;
  readonly slopes: Float64Array;
  /** Cholesky factor of the slopes' precision. */
  readonly precision: Triangle;
  /** Variance of a run around the law, of its log. */
  readonly noise: number;
  /** Runs that say so. */
  readonly freedom: number;
  /** Of the logs of the runs. */
  readonly residuals: Float64Array;
  readonly evidence: number;
};

/** How far a power may be from the one that is expected, and from 0 where none is. */
const EXPECTED_SPREAD = 0.5;
const SPREAD = 0.7;

/** Log spread of a program's own runs before any are known, and how many runs that belief is worth. */
export const NOISE = 0.1;
const NOISE_RUNS = 1;

/** Degrees of freedom of the residuals. */
const FREEDOM = 4;

const ROUNDS = 3;

/** What a run counts that says nothing. */
const UNSAID = 1e-6;

/** No part of a run above the floor is taken to be smaller. */
const LEAST_PART = 0.02;

/** How far a power may be from the one expected. */
export const spreadOf = (power: number): number => (power === 0 ? SPREAD : EXPECTED_SPREAD);

/** The runs as columns: `width` sizes of each, about their means, and what is expected of their powers. */
export type Table = {
  readonly logs: Float64Array;
  readonly weights: Float64Array;
  readonly censored: readonly boolean[];
  readonly width: number;
  readonly offsets: Float64Array;
  readonly expected: Float64Array;
  /** Variance of the logs as if no size mattered, so that what sizes are found to explain is not taken for granted. */
  readonly noise: number;
};

type Fit = Pick<Line, 'slopes' | 'precision' | 'intercept'>;

/** Least squares with these weights: slopes drawn to the expected powers, and the precision that they have. */
function solve({ width, offsets, expected }: Table, targets: Float64Array, weights: Float64Array, noise: number): Fit {
  const centre = new Float64Array(width);
  let [weight, target] = [0, 0];
  for (let i = 0, at = 0; i < targets.length; i++) {
    const own = weights[i] as number;
    weight += own;
    target += own * (targets[i] as number);
    for (let j = 0; j < width; j++, at++) centre[j] = (centre[j] as number) + own * (offsets[at] as number);
  }
  target /= weight;
  for (let j = 0; j < width; j++) centre[j] = (centre[j] as number) / weight;
  const matrix = { n: width, values: new Float64Array((width * (width + 1)) / 2) };
  for (let j = 0; j < width; j++) matrix.values[(j * (j + 3)) / 2] = spreadOf(expected[j] as number) ** -2;
  const sums = new Float64Array(width);
  const apart = new Float64Array(width);
  for (let i = 0; i < targets.length; i++) {
    const own = (weights[i] as number) / noise;
    let residual = (targets[i] as number) - target;
    for (let j = 0; j < width; j++) {
      apart[j] = (offsets[i * width + j] as number) - (centre[j] as number);
      residual -= (expected[j] as number) * (apart[j] as number);
    }
    for (let j = 0, at = 0; j < width; j++) {
      const factor = own * (apart[j] as number);
      sums[j] = (sums[j] as number) + factor * residual;
      for (let k = 0; k <= j; k++, at++) {
        matrix.values[at] = (matrix.values[at] as number) + factor * (apart[k] as number);
      }
    }
  }
  const precision = cholesky(matrix);
  const slopes = choleskySolve(precision, sums);
  let intercept = target;
  for (let j = 0; j < width; j++) {
    slopes[j] = (slopes[j] as number) + (expected[j] as number);
    // At the means of the sizes, which are not those of the weighted runs.
    intercept -= (slopes[j] as number) * (centre[j] as number);
  }
  return { slopes, precision, intercept };
}

/** Log of the part above the floor, at the sizes whose offsets begin at `from`. */
export function partOf({ intercept, slopes }: Fit, offsets: Float64Array, from = 0): number {
  let part = intercept;
  for (let j = 0; j < slopes.length; j++) part += (slopes[j] as number) * (offsets[from + j] as number);
  return part;
}

/** log(floor + exp(part)), also where the exponential is beyond all numbers. */
export function logAbove(floor: number, part: number): number {
  if (floor === 0) return part;
  const log = Math.log(floor);
  return Math.max(log, part) + Math.log1p(Math.exp(-Math.abs(part - log)));
}

/** How many of the slopes the runs rather than the expectation decide. */
function decided(precision: Triangle, expected: Float64Array): number {
  let left = expected.length;
  for (let j = 0; j < expected.length; j++) {
    const unit = new Float64Array(expected.length);
    unit[j] = 1;
    left -= (choleskySolve(precision, unit)[j] as number) / spreadOf(expected[j] as number) ** 2;
  }
  return left;
}

/** The law at one floor, seconds. */
export function lineAt(floor: number, table: Table): Line {
  const { logs, weights, censored, width, offsets } = table;
  const parts = logs.map((log) => Math.max(LEAST_PART * Math.exp(log), Math.exp(log) - floor));
  const targets = parts.map(Math.log);
  // What a run's log is moved by its part's.
  const moved = parts.map((part, i) => (part / Math.exp(logs[i] as number)) ** 2);
  const trusts = moved.map((share, i) => share * (weights[i] as number));
  const count = sumOf(weights);
  let noise = table.noise;
  let fit = solve(table, targets, trusts, noise);
  const residuals = new Float64Array(logs.length);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < logs.length; i++) {
      residuals[i] = (logs[i] as number) - logAbove(floor, partOf(fit, offsets, i * width));
    }
    if (round === 0) noise = Math.max(NOISE, robustSpread(residuals)) ** 2;
    let squares = NOISE_RUNS * NOISE ** 2;
    for (let i = 0; i < logs.length; i++) {
      const residual = residuals[i] as number;
      const trust = (FREEDOM + 1) / (FREEDOM + residual ** 2 / noise);
      // A run that was cut off before the law says it ends does not contradict the law.
      const own = censored[i] && residual < 0 ? UNSAID : (weights[i] as number) * trust;
      trusts[i] = own * (moved[i] as number);
      squares += own * residual ** 2;
    }
    if (round > 0) noise = squares / freedomOf(fit, table, count);
    fit = solve(table, targets, trusts, noise);
  }
  const evidence = evidenceOf(fit, table, residuals, noise);
  return { floor, ...fit, noise, freedom: freedomOf(fit, table, count), residuals, evidence };
}

/** How many runs say how wide they lie around the law. */
const freedomOf = ({ precision }: Fit, { expected }: Table, count: number): number =>
  NOISE_RUNS + Math.max(1, count - 1 - decided(precision, expected));

/** Log of the evidence but for what all floors share. */
function evidenceOf({ slopes, precision }: Fit, table: Table, residuals: Float64Array, noise: number): number {
  let sum = -(NOISE_RUNS / 2) * (Math.log(noise) + NOISE ** 2 / noise);
  for (let i = 0; i < residuals.length; i++) {
    const tail = ((FREEDOM + 1) / 2) * Math.log1p((residuals[i] as number) ** 2 / noise / FREEDOM);
    sum -= (table.weights[i] as number) * (Math.log(noise) / 2 + tail);
  }
  for (let j = 0; j < table.width; j++) {
    const power = table.expected[j] as number;
    sum -= ((slopes[j] as number) - power) ** 2 / spreadOf(power) ** 2 / 2;
    sum -= Math.log(precision.values[(j * (j + 3)) / 2] as number);
  }
  return sum;
}
