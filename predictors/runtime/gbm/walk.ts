/** Predicting with a forest: its trees laid out for a walk over plain numbers, without binning the rows first. */
import { HEADS, Z } from '../model.ts';
import { type Forest, sigmoid } from './boost.ts';
import { splitOf } from './tree.ts';

/** Two numbers a node: column and left child, or a leaf's offset. All trees stand one after the other. */
type Layout = {
  /** Column of an inner node; −1 for a leaf. */
  readonly columns: Int16Array;
  /** Up to this value a row goes left. */
  readonly thresholds: Float64Array;
  /** Left child, whose neighbour is the right one; for a leaf, where its values begin. */
  readonly next: Int32Array;
  readonly values: Float32Array;
  readonly roots: Int32Array;
};

function layoutOf({ trees, used, cuts }: Forest): Layout {
  const size = trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const layout = {
    columns: new Int16Array(size).fill(-1),
    thresholds: new Float64Array(size),
    next: new Int32Array(size),
    values: new Float32Array(trees.reduce((sum, { values }) => sum + values.length, 0)),
    roots: new Int32Array(trees.length),
  };
  let [from, valuesFrom] = [0, 0];
  for (const [index, { nodes, values }] of trees.entries()) {
    layout.roots[index] = from;
    layout.values.set(values, valuesFrom);
    for (const [at, node] of nodes.entries()) {
      if (node < 0) {
        layout.next[from + at] = valuesFrom + (-1 - node) * HEADS;
        continue;
      }
      const { column, bin, left } = splitOf(node);
      const place = used[column] as number;
      layout.columns[from + at] = place;
      layout.thresholds[from + at] = (cuts[place] as Float64Array)[bin] as number;
      layout.next[from + at] = from + left;
    }
    from += nodes.length;
    valuesFrom += values.length;
  }
  return layout;
}

/**
 * A forest's answers: `count` rows as HEADS numbers each, quantiles sorted (Chernozhukov et al., "Quantile and probability
 * curves without crossing", 2010), z in 0..1.
 */
export function walker(forest: Forest): (rows: Float64Array, count: number) => Float64Array {
  const { width, base } = forest;
  const { columns, thresholds, next, values, roots } = layoutOf(forest);
  return (rows, count) => {
    const answer = new Float64Array(count * HEADS);
    for (let row = 0; row < count; row++) {
      const from = row * width;
      const at = row * HEADS;
      for (let head = 0; head < HEADS; head++) answer[at + head] = base[head] as number;
      for (let tree = 0; tree < roots.length; tree++) {
        let node = roots[tree] as number;
        let column = columns[node] as number;
        while (column >= 0) {
          const left = next[node] as number;
          node = (rows[from + column] as number) <= (thresholds[node] as number) ? left : left + 1;
          column = columns[node] as number;
        }
        const leaf = next[node] as number;
        for (let head = 0; head < HEADS; head++) {
          answer[at + head] = (answer[at + head] as number) + (values[leaf + head] as number);
        }
      }
      sortRange(answer, at, at + Z);
      answer[at + Z] = sigmoid(answer[at + Z] as number);
    }
    return answer;
  };
}

/** Sorts a few numbers in place, without the views that `sort` would need. */
function sortRange(values: Float64Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const value = values[at] as number;
    let place = at;
    for (; place > from && (values[place - 1] as number) > value; place--) values[place] = values[place - 1] as number;
    values[place] = value;
  }
}
