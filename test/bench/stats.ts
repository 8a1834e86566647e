/** The `q` quantile of `values`, between neighbours by a straight line; not a number when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Rounds to milliseconds, or to thousandths of whatever it is. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** `p50` and `p90` of one quantity, as figures `<name>P50Seconds` and `<name>P90Seconds`. */
export function spread(name: string, values: readonly number[]): Record<string, number> {
  return {
    [`${name}P50Seconds`]: rounded(quantile(values, 0.5)),
    [`${name}P90Seconds`]: rounded(quantile(values, 0.9)),
  };
}
