/** Puts features and targets on the scale that a net learns on: mean 0, spread 1, nothing far out. */

/** One mean and one spread per column. */
export type Scale = { readonly means: Float64Array; readonly spreads: Float64Array };

/** Standardised features are cut here: what lies farther out was never learned, and must not swing the answer. */
const REACH = 5;

/** Columns that hardly vary carry nothing, and dividing by their spread would blow up rounding errors. */
const LEAST_SPREAD = 1e-6;

/** @param rows `count` × `width`, row-major, finite; `count` at least 1 @param weights at least 0, one per row */
export function scaleOf(rows: Float64Array, width: number, weights: Float64Array): Scale {
  const [means, squares] = [new Float64Array(width), new Float64Array(width)];
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  weights.forEach((weight, row) => {
    for (let column = 0; column < width; column += 1)
      means[column] = (means[column] ?? 0) + (weight / total) * (rows[row * width + column] ?? 0);
  });
  // A second pass: the difference of two large sums would lose the digits that matter.
  weights.forEach((weight, row) => {
    for (let column = 0; column < width; column += 1) {
      const off = (rows[row * width + column] ?? 0) - (means[column] ?? 0);
      squares[column] = (squares[column] ?? 0) + (weight / total) * off * off;
    }
  });
  const spreads = squares.map((square, column) => {
    const spread = Math.sqrt(square);
    return spread > LEAST_SPREAD * Math.max(1, Math.abs(means[column] ?? 0)) ? spread : 0;
  });
  return { means, spreads };
}

/** Standardises `count` rows. A column without spread, and a value that is not finite, becomes 0: the mean. */
export function standardise(rows: Float64Array, count: number, { means, spreads }: Scale): Float32Array {
  const width = means.length;
  const factors = spreads.map((spread) => (spread === 0 ? 0 : 1 / spread));
  const scaled = new Float32Array(count * width);
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      const value = ((rows[at] ?? 0) - (means[column] ?? 0)) * (factors[column] ?? 0);
      scaled[at] = Number.isFinite(value) ? Math.max(-REACH, Math.min(REACH, value)) : 0;
    }
  }
  return scaled;
}
