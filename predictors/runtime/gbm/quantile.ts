/** The weighted quantile of some rows' residuals, in two passes over bins instead of a sort. */

const BINS = 256;
const ROUNDS = 3;

export type Residuals = {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly censored: Uint8Array;
};

/** Weight of all rows and of the rows not censored, by bin. */
const all = new Float64Array(BINS);
const sure = new Float64Array(BINS);

/** Where the bins of each round begin, bins per unit, and the bin that the next round divides. */
const lows = new Float64Array(ROUNDS);
const scales = new Float64Array(ROUNDS);
const chosen = new Int32Array(ROUNDS);

const binOf = (value: number, round: number): number =>
  Math.max(0, Math.min(BINS - 1, Math.floor((value - (lows[round] as number)) * (scales[round] as number))));

/** Whether all rounds before put the value into the bin that they chose: rounding must not lose it at an edge. */
function isInside(value: number, round: number): boolean {
  for (let before = 0; before < round; before++) if (binOf(value, before) !== chosen[before]) return false;
  return true;
}

type Range = { readonly low: number; readonly high: number };

function rangeOf(values: Float64Array, rows: Int32Array, from: number, to: number): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = from; at < to; at++) {
    const value = values[rows[at] as number] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/**
 * The v that minimises Σ w·pinball_τ(value − v) over rows[from..to), where a censored row costs nothing once v has
 * passed it: the root of (1 − τ)·W(sure, value < v) − τ·W(all, value > v). Exact to range / 256³; 0 for no rows.
 */
export function quantileOf(
  { values, weights, censored }: Residuals,
  rows: Int32Array,
  from: number,
  to: number,
  level: number,
): number {
  let { low, high } = rangeOf(values, rows, from, to);
  if (!(high > low)) return to > from ? low : 0;
  let below = 0;
  let above = Number.NaN;
  for (let round = 0; round < ROUNDS; round++) {
    all.fill(0);
    sure.fill(0);
    lows[round] = low;
    scales[round] = BINS / (high - low);
    for (let at = from; at < to; at++) {
      const row = rows[at] as number;
      const value = values[row] as number;
      if (!isInside(value, round)) continue;
      const into = binOf(value, round);
      const weight = weights[row] as number;
      all[into] = (all[into] as number) + weight;
      if (censored[row] === 0) sure[into] = (sure[into] as number) + weight;
    }
    if (Number.isNaN(above)) above = all.reduce((sum, weight) => sum + weight, 0);
    let bin = 0;
    for (; bin < BINS - 1; bin++) {
      const nextBelow = below + (sure[bin] as number);
      const nextAbove = above - (all[bin] as number);
      if ((1 - level) * nextBelow - level * nextAbove >= 0) break;
      below = nextBelow;
      above = nextAbove;
    }
    chosen[round] = bin;
    const span = (high - low) / BINS;
    low += bin * span;
    high = low + span;
    if (!(span > 1e-9)) break;
  }
  return (low + high) / 2;
}
