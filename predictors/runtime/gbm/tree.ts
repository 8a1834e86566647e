/** One tree, grown best leaf first over histograms of binned columns; its leaves hold no values yet. */
import { BINS } from './bins.ts';

/** Numbers per column and bin: both gradients, and the weight. */
const CHANNELS = 3;

export type Growth = {
  readonly leaves: number;
  /** Least weight of a leaf. */
  readonly leastWeight: number;
};

/**
 * Nodes in the order of growth, one number each: a leaf is −1 − its number; an inner node holds its column's place among
 * those used, the last bin that goes left, and its left child, whose neighbour is the right one.
 */
export type Tree = { readonly nodes: Int32Array };

const BIN_BITS = 8;
const CHILD_BITS = 11;
const CHILD = (1 << CHILD_BITS) - 1;
const BIN = (1 << BIN_BITS) - 1;

/** More leaves do not fit into a node's number. */
const MOST_LEAVES = 1 << (CHILD_BITS - 1);

const inner = (column: number, bin: number, left: number) =>
  (column << (BIN_BITS + CHILD_BITS)) | (bin << CHILD_BITS) | left;

export type Ground = {
  /** Rows × `width` bins, row-major. */
  readonly bins: Uint8Array;
  readonly width: number;
  /** Two gradients by row, weighted, and scaled so that their gains may be added. */
  readonly gradients: readonly [Float64Array, Float64Array];
  readonly weights: Float64Array;
};

/** A leaf that may still be split: rows[from..to) of the order, and its best split. */
type Leaf = {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly histogram: Float64Array;
  gain: number;
  column: number;
  bin: number;
};

/** A grower keeps its memory between trees. */
export class Grower {
  readonly #ground: Ground;
  readonly #growth: Growth;
  readonly #free: Float64Array[] = [];
  #columns: Int32Array;
  #spare: Int32Array;

  constructor(ground: Ground, growth: Growth) {
    if (growth.leaves > MOST_LEAVES) throw new RangeError(`${growth.leaves} leaves; a tree has at most ${MOST_LEAVES}`);
    this.#ground = ground;
    this.#growth = growth;
    this.#columns = new Int32Array(0);
    this.#spare = new Int32Array(0);
  }

  /**
   * Grows a tree on `rows` (which it reorders: each leaf's rows stand together) over these columns. Returns it with
   * the [from, to) of each leaf.
   */
  grow(rows: Int32Array, columns: Int32Array): { readonly tree: Tree; readonly ranges: Int32Array } {
    this.#columns = columns;
    if (this.#spare.length < rows.length) this.#spare = new Int32Array(rows.length);
    const size = 2 * this.#growth.leaves - 1;
    const nodes = new Int32Array(size);
    let grown = 1;
    const root = this.#leaf(0, 0, rows.length, this.#histogram(rows, 0, rows.length));
    const open = [root];
    const closed: Leaf[] = [];
    while (open.length + closed.length < this.#growth.leaves) {
      const best = this.#best(open, closed);
      if (best === undefined) break;
      const middle = this.#part(rows, best);
      nodes[best.node] = inner(best.column, best.bin, grown);
      open.push(...this.#children(rows, best, middle, grown));
      grown += 2;
    }
    const leaves = [...open, ...closed];
    const ranges = new Int32Array(2 * leaves.length);
    for (const [number, leaf] of leaves.entries()) {
      nodes[leaf.node] = -1 - number;
      ranges[2 * number] = leaf.from;
      ranges[2 * number + 1] = leaf.to;
      this.#free.push(leaf.histogram);
    }
    return { tree: { nodes: nodes.slice(0, grown) }, ranges };
  }

  /** Takes the open leaf of the largest gain out; those that cannot be split are closed on the way. */
  #best(open: Leaf[], closed: Leaf[]): Leaf | undefined {
    let at = -1;
    let most = 1e-12;
    for (let index = open.length - 1; index >= 0; index--) {
      const leaf = open[index] as Leaf;
      if (leaf.gain > most) [at, most] = [index, leaf.gain];
    }
    if (at < 0) {
      closed.push(...open.splice(0));
      return undefined;
    }
    return open.splice(at, 1)[0];
  }

  /** Sorts a leaf's rows by its split, in place; returns where the right ones begin. Stable, so that trees repeat. */
  #part(rows: Int32Array, { from, to, column, bin }: Leaf): number {
    const { bins, width } = this.#ground;
    const spare = this.#spare;
    let left = from;
    let right = 0;
    for (let at = from; at < to; at++) {
      const row = rows[at] as number;
      if ((bins[row * width + column] as number) <= bin) rows[left++] = row;
      else spare[right++] = row;
    }
    for (let at = 0; at < right; at++) rows[left + at] = spare[at] as number;
    return left;
  }

  /** The smaller child's histogram is counted, the other's is what is left of the parent's. */
  #children(rows: Int32Array, parent: Leaf, middle: number, node: number): readonly Leaf[] {
    const { from, to, histogram } = parent;
    const isLeftSmall = middle - from <= to - middle;
    const small = isLeftSmall ? this.#histogram(rows, from, middle) : this.#histogram(rows, middle, to);
    for (let at = 0; at < histogram.length; at++) histogram[at] = (histogram[at] as number) - (small[at] as number);
    return [
      this.#leaf(node, from, middle, isLeftSmall ? small : histogram),
      this.#leaf(node + 1, middle, to, isLeftSmall ? histogram : small),
    ];
  }

  /** Sums of the gradients and the weight, by column, bin and channel. */
  #histogram(rows: Int32Array, from: number, to: number): Float64Array {
    const { bins, width, gradients, weights } = this.#ground;
    const columns = this.#columns;
    const size = columns.length * BINS * CHANNELS;
    const free = this.#free.pop();
    const sums = free !== undefined && free.length === size ? free.fill(0) : new Float64Array(size);
    const [first, second] = gradients;
    for (let at = from; at < to; at++) {
      const row = rows[at] as number;
      const g = first[row] as number;
      const h = second[row] as number;
      const w = weights[row] as number;
      const base = row * width;
      for (let index = 0, start = 0; index < columns.length; index++, start += BINS * CHANNELS) {
        const cell = start + (bins[base + (columns[index] as number)] as number) * CHANNELS;
        sums[cell] = (sums[cell] as number) + g;
        sums[cell + 1] = (sums[cell + 1] as number) + h;
        sums[cell + 2] = (sums[cell + 2] as number) + w;
      }
    }
    return sums;
  }

  #leaf(node: number, from: number, to: number, histogram: Float64Array): Leaf {
    const leaf: Leaf = { node, from, to, histogram, gain: 0, column: -1, bin: 0 };
    const total = [0, 0, 0];
    for (let cell = 0; cell < BINS * CHANNELS; cell++)
      total[cell % CHANNELS] = (total[cell % CHANNELS] as number) + (histogram[cell] as number);
    const [g, h, w] = total as [number, number, number];
    const least = this.#growth.leastWeight;
    if (w < 2 * least) return leaf;
    const own = (g * g + h * h) / w;
    for (let index = 0; index < this.#columns.length; index++) {
      let gLeft = 0;
      let hLeft = 0;
      let wLeft = 0;
      const start = index * BINS * CHANNELS;
      for (let bin = 0; bin < BINS - 1; bin++) {
        const cell = start + bin * CHANNELS;
        gLeft += histogram[cell] as number;
        hLeft += histogram[cell + 1] as number;
        wLeft += histogram[cell + 2] as number;
        if (wLeft < least) continue;
        const wRight = w - wLeft;
        if (wRight < least) break;
        const gRight = g - gLeft;
        const hRight = h - hLeft;
        const gain = (gLeft * gLeft + hLeft * hLeft) / wLeft + (gRight * gRight + hRight * hRight) / wRight - own;
        if (gain > leaf.gain) {
          leaf.gain = gain;
          leaf.column = this.#columns[index] as number;
          leaf.bin = bin;
        }
      }
    }
    return leaf;
  }
}

/** The leaf of the row of bins that begins at `base`. */
export function leafOf(nodes: Int32Array, bins: Uint8Array, base: number): number {
  let node = nodes[0] as number;
  while (node >= 0) {
    const value = bins[base + (node >> (BIN_BITS + CHILD_BITS))] as number;
    const left = node & CHILD;
    node = nodes[value <= ((node >> CHILD_BITS) & BIN) ? left : left + 1] as number;
  }
  return -1 - node;
}

/** What an inner node asks: the place of its column, the last bin that goes left, and the left child. */
export function splitOf(node: number): { readonly column: number; readonly bin: number; readonly left: number } {
  return { column: node >> (BIN_BITS + CHILD_BITS), bin: (node >> CHILD_BITS) & BIN, left: node & CHILD };
}
