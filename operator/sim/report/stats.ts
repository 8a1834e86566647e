/** Figures of a sample. Quantiles lie between neighbours on a straight line (type 7 of Hyndman and Fan, 1996). */

export type Distribution = {
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/** Ascending copy: sorted once, asked often. */
export function sorted(values: readonly number[]): Float64Array {
  return new Float64Array(values).sort();
}

/** The `q` quantile (0 to 1) of ascending values; not a number when there are none. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const at = (ascending.length - 1) * q;
  const [low, high] = [ascending[Math.floor(at)], ascending[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Not a number when there are no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Not a number when there are no values. */
export function median(values: readonly number[]): number {
  return quantile(sorted(values), 0.5);
}

/** Of at least one value: of none there is nothing to say, and the answer is undefined. */
export function distribution(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined;
  const ascending = sorted(values);
  const at = (q: number) => quantile(ascending, q);
  return { mean: mean(values), median: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Share of `items` for which `test` holds, 0 to 1; not a number when there are none. */
export function shareOf<T>(items: readonly T[], test: (item: T) => boolean): number {
  let count = 0;
  for (const item of items) if (test(item)) count++;
  return count / items.length;
}

/**
 * Fairness of positive shares (Jain, Chiu and Hawe, 1984): (sum x)^2 / (n sum x^2), from 1/n (one has all) to 1 (all
 * have the same). Not a number when there are no values.
 */
export function jain(values: readonly number[]): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  // Rounding may lift equal shares a hair above 1.
  return Math.min(1, sum ** 2 / (values.length * squares));
}
