/** Predicting with a forest: its trees laid out for a walk over plain numbers, without binning the rows first. */
import { HEADS, Z } from '../model.ts';
import { type Forest, sigmoid } from './boost.ts';
import { splitOf } from './tree.ts';

/**
 * All trees, one after the other. A leaf leads to itself, so that every walk through a tree takes as many steps as the tree
 * is deep: a walk that ends where the row says is a branch that no processor foresees, and costs more than the steps.
 */
type Layout = {
  /** Column that a node looks at; 0 for a leaf. */
  readonly columns: Int16Array;
  /** Up to this value a row goes left; no value of a leaf's goes elsewhere. */
  readonly thresholds: Float64Array;
  /** Left child, whose neighbour is the right one; for a leaf, itself. */
  readonly next: Int32Array;
  /** Where the values of a leaf begin. */
  readonly leaves: Int32Array;
  readonly values: Float32Array;
  readonly roots: Int32Array;
  readonly depths: Int32Array;
};

function layoutOf({ trees, used, cuts }: Forest): Layout {
  const size = trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const layout = {
    columns: new Int16Array(size),
    thresholds: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
    next: Int32Array.from({ length: size }, (_, node) => node),
    leaves: new Int32Array(size),
    values: new Float32Array(trees.reduce((sum, { values }) => sum + values.length, 0)),
    roots: new Int32Array(trees.length),
    depths: new Int32Array(trees.length),
  };
  let [from, valuesFrom] = [0, 0];
  for (const [index, { nodes, values }] of trees.entries()) {
    layout.roots[index] = from;
    layout.values.set(values, valuesFrom);
    for (const [at, node] of nodes.entries()) {
      if (node < 0) {
        layout.leaves[from + at] = valuesFrom + (-1 - node) * HEADS;
        continue;
      }
      const { column, bin, left } = splitOf(node);
      const place = used[column] as number;
      layout.columns[from + at] = place;
      layout.thresholds[from + at] = (cuts[place] as Float64Array)[bin] as number;
      layout.next[from + at] = from + left;
    }
    layout.depths[index] = depthAt(layout.next, from);
    from += nodes.length;
    valuesFrom += values.length;
  }
  return layout;
}

function depthAt(next: Int32Array, node: number): number {
  const left = next[node] as number;
  return left === node ? 0 : 1 + Math.max(depthAt(next, left), depthAt(next, left + 1));
}

/** Rows that go through one tree after the other together: they and the tree stay near the processor. */
const BLOCK = 128;

/**
 * A forest's answers: `count` rows as HEADS numbers each, quantiles sorted (Chernozhukov et al., "Quantile and probability
 * curves without crossing", 2010), z in 0..1.
 */
export function walker(forest: Forest): (rows: Float64Array, count: number) => Float64Array {
  const { width, base } = forest;
  const { columns, thresholds, next, leaves, values, roots, depths } = layoutOf(forest);

  const step = (node: number, rows: Float64Array, from: number): number =>
    (next[node] as number) +
    (Number((rows[from + (columns[node] as number)] as number) > (thresholds[node] as number)) | 0);

  const add = (node: number, answer: Float64Array, row: number): void => {
    const leaf = leaves[node] as number;
    const at = row * HEADS;
    for (let head = 0; head < HEADS; head++) {
      answer[at + head] = (answer[at + head] as number) + (values[leaf + head] as number);
    }
  };

  /** Adds what a tree says of the rows `first` to `end`: four walks at a time, none of which waits for another. */
  const addTree = (tree: number, rows: Float64Array, first: number, end: number, answer: Float64Array): void => {
    const root = roots[tree] as number;
    const depth = depths[tree] as number;
    let row = first;
    for (; row + 3 < end; row += 4) {
      const from = row * width;
      let [a, b, c, d] = [root, root, root, root];
      for (let level = 0; level < depth; level++) {
        a = step(a, rows, from);
        b = step(b, rows, from + width);
        c = step(c, rows, from + 2 * width);
        d = step(d, rows, from + 3 * width);
      }
      add(a, answer, row);
      add(b, answer, row + 1);
      add(c, answer, row + 2);
      add(d, answer, row + 3);
    }
    for (; row < end; row++) {
      let node = root;
      for (let level = 0; level < depth; level++) node = step(node, rows, row * width);
      add(node, answer, row);
    }
  };

  return (rows, count) => {
    const answer = new Float64Array(count * HEADS);
    for (let row = 0; row < count; row++) answer.set(base, row * HEADS);
    for (let first = 0; first < count; first += BLOCK) {
      const end = Math.min(count, first + BLOCK);
      for (let tree = 0; tree < roots.length; tree++) addTree(tree, rows, first, end, answer);
    }
    for (let row = 0; row < count; row++) {
      const at = row * HEADS;
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
