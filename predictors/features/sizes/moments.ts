/** Weighted and robust moments of a few numbers. */

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1] as number;

/** Weighted mean of the product of two columns about their means. */
export function covariance(one: Float64Array, other: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (weights[i] as number) * (one[i] as number) * (other[i] as number);
  return sum / sumOf(weights);
}

/** The column about its weighted mean. */
export function centred(values: Float64Array, weights: Float64Array): readonly [Float64Array, mean: number] {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (weights[i] as number) * (values[i] as number);
  const mean = sum / sumOf(weights);
  return [values.map((value) => value - mean), mean];
}

/** Spread about the middle that half of the values say; outliers do not matter. */
export function robustSpread(values: Float64Array): number {
  const middle = median(values);
  return 1.48 * median(values.map((value) => Math.abs(value - middle)));
}
