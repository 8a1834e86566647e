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
    const scale = BINS / (high - low);
    for (let at = from; at < to; at++) {
      const row = rows[at] as number;
      const bin = Math.floor(((values[row] as number) - low) * scale);
      if (bin < 0 || bin > BINS) continue;
      const into = bin === BINS ? BINS - 1 : bin;
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
    const span = (high - low) / BINS;
    low += bin * span;
    high = low + span;
    if (!(span > 1e-9)) break;
  }
  return (low + high) / 2;
}
