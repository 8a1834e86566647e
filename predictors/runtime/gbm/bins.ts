/** Numbers to bins of about equal weight, so that a split is searched over at most 64 places per column. */

export const BINS = 64;

/** Rows looked at to place the edges of the bins. */
const SAMPLE = 20_000;

/** The upper edges (exclusive of the last bin) of one column: at most BINS − 1, rising; none: the column is constant. */
function edgesOf(rows: Float64Array, width: number, count: number, column: number): Float64Array {
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const values = new Float64Array(Math.ceil(count / step));
  for (let row = 0, at = 0; row < count; row += step) values[at++] = rows[row * width + column] as number;
  values.sort();
  const edges: number[] = [];
  for (let bin = 1, from = 0; bin < BINS && from < values.length; bin++) {
    // What is left is shared among the bins that are left: a value that fills many bins leaves the others to the rest.
    const at = from + Math.max(1, Math.floor((values.length - from) / (BINS - bin + 1)));
    let to = at;
    while (to < values.length && values[to] === values[at - 1]) to++;
    if (to >= values.length) break;
    edges.push(((values[to - 1] as number) + (values[to] as number)) / 2);
    from = to;
  }
  return Float64Array.from(edges);
}

/** The edges of every column. */
export function edges(rows: Float64Array, width: number, count: number): readonly Float64Array[] {
  return Array.from({ length: width }, (_, column) => edgesOf(rows, width, count, column));
}

/** The bin of a value: how many edges lie below it. */
function binOf(value: number, cuts: Float64Array): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > (cuts[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The columns that say anything: those with an edge. */
export function usedColumns(cuts: readonly Float64Array[]): Int32Array {
  return Int32Array.from(cuts.flatMap((edges, column) => (edges.length > 0 ? [column] : [])));
}

/** `count` rows of `width` as `count` × `used.length` bins, row-major. */
export function binned(
  { rows, width, count }: { readonly rows: Float64Array; readonly width: number; readonly count: number },
  cuts: readonly Float64Array[],
  used: Int32Array,
): Uint8Array {
  const bins = new Uint8Array(count * used.length);
  const own = Array.from(used, (column) => cuts[column] as Float64Array);
  for (let row = 0, to = 0; row < count; row++) {
    for (let index = 0; index < own.length; index++) {
      bins[to++] = binOf(rows[row * width + (used[index] as number)] as number, own[index] as Float64Array);
    }
  }
  return bins;
}
