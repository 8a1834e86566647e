/**
 * From the net's last layer to an answer, and the loss of an answer. The last layer holds one number per quantile and, where z is
 * learned, its log odds. A quantile is the one below it plus a softplus, so that they never cross.
 */

export type Heads = {
  /** Levels of the quantiles, rising, in (0, 1). */
  readonly levels: readonly number[];
  /** Whether the last number is the log odds of z. */
  readonly z: boolean;
};

/** What the rows of a batch should have given. All arrays have one number per row. */
export type Goals = {
  /** In the net's own scale: mean 0, spread 1. */
  readonly targets: Float32Array;
  /** Target of z in 0..1; absent where the heads have no z. */
  readonly quick?: Float32Array;
  /** 1: the true value is at least the target. */
  readonly censored: Uint8Array;
  readonly weights: Float32Array;
};

/** Numbers of the last layer. */
export function headCount({ levels, z }: Heads): number {
  return levels.length + (z ? 1 : 0);
}

/** Turns a row of the last layer into quantiles and z, in place. */
export function answer(row: Float32Array, { levels, z }: Heads): void {
  for (let k = 1; k < levels.length; k += 1) row[k] = (row[k - 1] ?? 0) + softplus(row[k] ?? 0);
  if (z) row[levels.length] = sigmoid(row[levels.length] ?? 0);
}

/** What z counts against the mean pinball loss of the quantiles. */
const Z_SHARE = 0.2;

/**
 * Mean loss of a batch; `slopes` is filled with its derivative by every number of the last layer.
 * @param last the last layer before `answer`, rows of `headCount` numbers
 */
export function loss(last: Float32Array, goals: Goals, heads: Heads, slopes = new Float32Array(last.length)): number {
  const width = headCount(heads);
  const all = goals.weights.reduce((sum, weight) => sum + weight, 0);
  const here: Row = { last: new Float32Array(width), slopes: new Float32Array(width), target: 0, censored: false };
  let total = 0;
  goals.weights.forEach((weight, row) => {
    if (weight === 0) return;
    here.last.set(last.subarray(row * width, (row + 1) * width));
    here.target = goals.targets[row] ?? 0;
    here.censored = goals.censored[row] === 1;
    const share = weight / all;
    total += share * quantileLoss(here, heads);
    if (heads.z) total += share * quickLoss(here, heads.levels.length, goals.quick?.[row] ?? 0);
    for (let k = 0; k < width; k += 1) slopes[row * width + k] = share * (here.slopes[k] ?? 0);
  });
  return total;
}

type Row = { readonly last: Float32Array; readonly slopes: Float32Array; target: number; censored: boolean };

/**
 * Mean pinball loss (Koenker and Bassett 1978). Of a censored row only the part that says "too short" counts, since its true value
 * may be any longer one.
 */
function quantileLoss({ last, slopes, target, censored }: Row, { levels }: Heads): number {
  let quantile = last[0] ?? 0;
  let total = 0;
  for (let k = 0; k < levels.length; k += 1) {
    if (k > 0) quantile += softplus(last[k] ?? 0);
    const level = levels[k] ?? 0;
    const over = censored ? 0 : 1 - level;
    const slope = (quantile < target ? -level : over) / levels.length;
    total += slope * (quantile - target);
    slopes[k] = slope;
  }
  // Each number of the last layer moves its own quantile and all above it.
  for (let k = levels.length - 2; k >= 0; k -= 1) slopes[k] = (slopes[k] ?? 0) + (slopes[k + 1] ?? 0);
  for (let k = 1; k < levels.length; k += 1) slopes[k] = (slopes[k] ?? 0) * sigmoid(last[k] ?? 0);
  return total;
}

/** Cross-entropy, which is least where z is the mean of `quick`. Censored rows say nothing of it. */
function quickLoss({ last, slopes, censored }: Row, at: number, quick: number): number {
  const odds = last[at] ?? 0;
  slopes[at] = censored ? 0 : Z_SHARE * (sigmoid(odds) - quick);
  return censored ? 0 : Z_SHARE * (softplus(odds) - quick * odds);
}

/** log(1 + e^x) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}
