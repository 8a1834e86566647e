/** How far predicted run times are from the true ones. */

import { mean } from '../metrics.ts';

export type Errors = {
  readonly mae: number;
  readonly medianAe: number;
  /** Mean of min / max of predicted and true (Tsafrir et al., TPDS 2007). */
  readonly acc: number;
  /** Mean |log10(predicted / true)|. */
  readonly male: number;
  /** Share predicted too short. */
  readonly under: number;
  /** Of the log. */
  readonly r2: number;
};

/** Errors of `predicted` against `truth`, seconds above 0, of equal length. */
export function errorsOf(predicted: readonly number[], truth: readonly number[]): Errors {
  const pairs = predicted.map((p, index) => [Math.max(1, p), Math.max(1, truth[index] as number)] as const);
  const absolute = pairs.map(([p, r]) => Math.abs(p - r)).sort((a, b) => a - b);
  const logs = pairs.map(([, r]) => Math.log(r));
  const centre = mean(logs);
  const residual = mean(pairs.map(([p, r]) => Math.log(p / r) ** 2));
  return {
    mae: mean(absolute),
    medianAe: absolute[absolute.length >> 1] as number,
    acc: mean(pairs.map(([p, r]) => Math.min(p, r) / Math.max(p, r))),
    male: mean(pairs.map(([p, r]) => Math.abs(Math.log10(p / r)))),
    under: mean(pairs.map(([p, r]) => (p < r ? 1 : 0))),
    r2: 1 - residual / mean(logs.map((log) => (log - centre) ** 2)),
  };
}

/** Windows of this many runs, side by side; a last one of less than half joins the one before. */
export const WINDOW = 2000;

/** The [from, to) of tiled windows over `count` runs. */
export function tiles(count: number): readonly (readonly [from: number, to: number])[] {
  const full = Math.max(1, Math.round(count / WINDOW));
  return Array.from({ length: full }, (_, index) => [
    index * WINDOW,
    index + 1 === full ? count : (index + 1) * WINDOW,
  ]);
}
