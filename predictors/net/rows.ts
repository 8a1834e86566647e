/** The rows that a net learns from, checked, and cut into batches. */
import type { Goals, Heads } from './heads.ts';

/** Rows in the order in which the runs ended, oldest first. */
export type Rows = {
  /** `count` × `width` finite numbers, row-major. */
  readonly rows: Float64Array;
  readonly width: number;
  readonly count: number;
  readonly targets: Float64Array;
  /** Targets of z in 0..1; must be there when the heads have z. */
  readonly quick?: Float64Array;
  /** 1: the true value is at least the target. */
  readonly censored: Uint8Array;
  /** At least 0. */
  readonly weights: Float64Array;
};

/** Rows on the net's scale. */
export type Scaled = { readonly rows: Float32Array; readonly width: number; readonly goals: Goals };

/** Throws a RangeError that names the first thing that is wrong. */
export function checkRows(set: Rows, heads: Heads): void {
  const { width, count, quick } = set;
  if (!(Number.isInteger(count) && count > 0)) throw new RangeError(`a net cannot learn from ${count} rows`);
  if (heads.z && !quick) throw new RangeError('the heads have z, and its targets `quick` are absent');
  const columns = [
    ['rows', set.rows, count * width],
    ['targets', set.targets, count],
    ['quick', quick, count],
    ['censored', set.censored, count],
    ['weights', set.weights, count],
  ] as const;
  for (const [name, values, length] of columns) {
    if (!values) continue;
    if (values.length < length) throw new RangeError(`\`${name}\` holds ${values.length} numbers, not ${length}`);
    const wrong = values.subarray(0, length).findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw new RangeError(`\`${name}\` holds ${values[wrong]} at ${wrong}: bound values before learning`);
  }
}

/** The rows numbered `order[from]` … `order[to - 1]`, copied together. */
export function pick({ rows, width, goals }: Scaled, order: Uint32Array): Scaled {
  const picked = new Float32Array(order.length * width);
  order.forEach((row, at) => picked.set(rows.subarray(row * width, (row + 1) * width), at * width));
  const take = (values: Float32Array): Float32Array => Float32Array.from(order, (row) => values[row] ?? 0);
  return {
    rows: picked,
    width,
    goals: {
      targets: take(goals.targets),
      ...(goals.quick && { quick: take(goals.quick) }),
      censored: Uint8Array.from(order, (row) => goals.censored[row] ?? 0),
      weights: take(goals.weights),
    },
  };
}

/** The rows `from` … `to - 1`, without copying. */
export function slice({ rows, width, goals }: Scaled, from: number, to: number): Scaled {
  return {
    rows: rows.subarray(from * width, to * width),
    width,
    goals: {
      targets: goals.targets.subarray(from, to),
      ...(goals.quick && { quick: goals.quick.subarray(from, to) }),
      censored: goals.censored.subarray(from, to),
      weights: goals.weights.subarray(from, to),
    },
  };
}
