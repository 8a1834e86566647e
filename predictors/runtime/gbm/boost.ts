/**
 * Gradient boosting of trees that share their structure among all heads: each tree is grown on the gradient of the
 * median and of one other head in turn, and every leaf holds a value for each head, refitted to its quantile
 * (Friedman, "Greedy function approximation", 2001; leaf refit as for the absolute loss there).
 */
import { HEADS, LEVELS, type TrainingSet, Z } from '../model.ts';
import { randomOf } from '../random.ts';
import { binned, edges, usedColumns } from './bins.ts';
import { quantileOf } from './quantile.ts';
import { Grower, leafOf, type Tree } from './tree.ts';

export type BoostOptions = {
  readonly trees: number;
  readonly leaves: number;
  readonly rate: number;
  readonly leastWeight: number;
  /** Shares of rows and of columns that a tree sees. */
  readonly rowShare: number;
  readonly columnShare: number;
};

export const BOOST: BoostOptions = {
  trees: 150,
  leaves: 48,
  rate: 0.06,
  leastWeight: 80,
  rowShare: 0.6,
  columnShare: 0.4,
};

export type Forest = {
  readonly width: number;
  readonly cuts: readonly Float64Array[];
  readonly used: Int32Array;
  readonly base: Float64Array;
  readonly trees: readonly (Tree & { readonly values: Float32Array })[];
};

const MEDIAN = LEVELS.indexOf(0.5);

/** The heads that share the trees with the median, in turn. */
const COMPANIONS = [Z, 3, 0, 2, Z, 4];

export const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));

const MOST_SCORE = 8;

/** A run that was cut off after 200 s or more was not over at once, however long it would have been. */
const SURELY_LONG = 0.05;

const saysNothing = (censored: number | undefined, quick: number) => censored === 1 && quick > SURELY_LONG;

class Boosting {
  readonly set: TrainingSet;
  readonly options: BoostOptions;
  readonly bins: Uint8Array;
  readonly used: Int32Array;
  readonly cuts: readonly Float64Array[];
  readonly base = new Float64Array(HEADS);
  readonly rows: Int32Array;
  readonly random: () => number;
  /** Residuals of each quantile; for z, the score. */
  readonly residuals: readonly Float64Array[];
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly grower: Grower;
  #spread = 1;

  constructor(set: TrainingSet, options: BoostOptions, seed: number) {
    this.set = set;
    this.options = options;
    this.random = randomOf(seed);
    this.cuts = edges(set.rows, set.width, set.count);
    this.used = usedColumns(this.cuts);
    this.bins = binned(set, this.cuts, this.used);
    this.rows = Int32Array.from({ length: set.count }, (_, row) => row);
    this.residuals = Array.from({ length: HEADS }, () => Float64Array.from(set.targets.subarray(0, set.count)));
    this.first = new Float64Array(set.count);
    this.second = new Float64Array(set.count);
    const gradients = [this.first, this.second] as const;
    const { bins, used } = this;
    this.grower = new Grower({ bins, width: used.length, gradients, weights: set.weights }, options);
    this.#start();
  }

  #start(): void {
    const { weights, censored, quick, count } = this.set;
    for (const [head, level] of LEVELS.entries()) {
      const values = this.residuals[head] as Float64Array;
      const start = quantileOf({ values, weights, censored }, this.rows, 0, count, level);
      this.base[head] = start;
      for (let row = 0; row < count; row++) values[row] = (values[row] as number) - start;
    }
    let sum = 0;
    let weight = 0;
    for (let row = 0; row < count; row++) {
      if (saysNothing(censored[row], quick[row] as number)) continue;
      weight += weights[row] as number;
      sum += (weights[row] as number) * (quick[row] as number);
    }
    const mean = Math.min(0.999, Math.max(0.001, weight > 0 ? sum / weight : 0.1));
    this.#spread = mean * (1 - mean);
    this.base[Z] = Math.log(mean / (1 - mean));
    (this.residuals[Z] as Float64Array).fill(this.base[Z]);
  }

  /** Writes the weighted gradient of a head by row, in units of its spread, so that heads may be added. */
  #gradient(head: number, into: Float64Array): void {
    const { weights, censored, quick, count } = this.set;
    const values = this.residuals[head] as Float64Array;
    if (head === Z) {
      const scale = 1 / Math.sqrt(this.#spread);
      for (let row = 0; row < count; row++) {
        const share = quick[row] as number;
        const off = saysNothing(censored[row], share) ? 0 : share - sigmoid(values[row] as number);
        into[row] = (weights[row] as number) * off * scale;
      }
      return;
    }
    const level = LEVELS[head] as number;
    const scale = 1 / Math.sqrt(level * (1 - level));
    for (let row = 0; row < count; row++) {
      const value = values[row] as number;
      const slope = value > 0 ? level : value < 0 && censored[row] === 0 ? level - 1 : 0;
      into[row] = (weights[row] as number) * slope * scale;
    }
  }

  #sample(): Int32Array {
    const { count } = this.set;
    const share = this.options.rowShare;
    const rows = new Int32Array(count);
    let taken = 0;
    for (let row = 0; row < count; row++) if (this.random() < share) rows[taken++] = row;
    return rows.subarray(0, taken);
  }

  #columns(): Int32Array {
    const columns = Int32Array.from(this.used, (_, index) => index);
    const wanted = Math.max(1, Math.ceil(columns.length * this.options.columnShare));
    for (let index = 0; index < wanted; index++) {
      const other = index + Math.floor(this.random() * (columns.length - index));
      [columns[index], columns[other]] = [columns[other] as number, columns[index] as number];
    }
    return columns.slice(0, wanted).sort();
  }

  #values(rows: Int32Array, ranges: Int32Array): Float32Array {
    const { weights, censored, quick } = this.set;
    const { rate } = this.options;
    const leaves = ranges.length / 2;
    const values = new Float32Array(leaves * HEADS);
    for (let leaf = 0; leaf < leaves; leaf++) {
      const from = ranges[2 * leaf] as number;
      const to = ranges[2 * leaf + 1] as number;
      for (const [head, level] of LEVELS.entries()) {
        const residuals = { values: this.residuals[head] as Float64Array, weights, censored };
        values[leaf * HEADS + head] = rate * quantileOf(residuals, rows, from, to, level);
      }
      const scores = this.residuals[Z] as Float64Array;
      let slope = 0;
      let curve = 1;
      for (let at = from; at < to; at++) {
        const row = rows[at] as number;
        if (saysNothing(censored[row], quick[row] as number)) continue;
        const chance = sigmoid(scores[row] as number);
        slope += (weights[row] as number) * ((quick[row] as number) - chance);
        curve += (weights[row] as number) * chance * (1 - chance);
      }
      values[leaf * HEADS + Z] = rate * Math.max(-MOST_SCORE, Math.min(MOST_SCORE, slope / curve));
    }
    return values;
  }

  #apply(tree: Tree, values: Float32Array): void {
    const width = this.used.length;
    const [q0, q1, q2, q3, q4, z] = this.residuals as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let row = 0; row < this.set.count; row++) {
      const at = leafOf(tree.nodes, this.bins, row * width) * HEADS;
      q0[row] = (q0[row] as number) - (values[at] as number);
      q1[row] = (q1[row] as number) - (values[at + 1] as number);
      q2[row] = (q2[row] as number) - (values[at + 2] as number);
      q3[row] = (q3[row] as number) - (values[at + 3] as number);
      q4[row] = (q4[row] as number) - (values[at + 4] as number);
      z[row] = (z[row] as number) + (values[at + 5] as number);
    }
  }

  step(round: number): Tree & { readonly values: Float32Array } {
    this.#gradient(MEDIAN, this.first);
    this.#gradient(COMPANIONS[round % COMPANIONS.length] as number, this.second);
    const rows = this.#sample();
    const { tree, ranges } = this.grower.grow(rows, this.#columns());
    const values = this.#values(rows, ranges);
    this.#apply(tree, values);
    return { ...tree, values };
  }
}

/** Fits a forest to a training set; the same seed gives the same forest. */
export function boost(set: TrainingSet, seed: number, options: BoostOptions = BOOST): Forest {
  const boosting = new Boosting(set, options, seed);
  const { cuts, used, base } = boosting;
  const trees = used.length === 0 ? [] : Array.from({ length: options.trees }, (_, round) => boosting.step(round));
  return { width: set.width, cuts, used, base, trees };
}
