/** Dense linear algebra of up to about a thousand unknowns. */

/** The lower triangle of an n x n matrix, row after row: element (i, j) with j <= i stands at i (i + 1) / 2 + j. */
export type Triangle = { readonly n: number; readonly values: Float64Array };

/** The triangle of the symmetric matrix whose element (i, j), j <= i, is `element(i, j)`. */
export function triangle(n: number, element: (i: number, j: number) => number): Triangle {
  const values = new Float64Array((n * (n + 1)) / 2);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j <= i; j++) values[at++] = element(i, j);
  return { n, values };
}

const dot = (a: Float64Array, from: number, other: number, length: number): number => {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[from + k] as number) * (a[other + k] as number);
  return sum;
};

/**
 * The Cholesky factor L of a symmetric positive definite matrix L Lᵀ.
 * Throws where the matrix is not positive definite: the caller forgot its ridge.
 */
export function cholesky({ n, values }: Triangle): Triangle {
  const factor = new Float64Array(values.length);
  for (let i = 0; i < n; i++) {
    const row = (i * (i + 1)) / 2;
    for (let j = 0; j < i; j++) {
      const other = (j * (j + 1)) / 2;
      factor[row + j] = ((values[row + j] as number) - dot(factor, row, other, j)) / (factor[other + j] as number);
    }
    const square = (values[row + i] as number) - dot(factor, row, row, i);
    if (!(square > 0)) throw new Error(`row ${i} of the matrix makes it singular or indefinite: add to its diagonal`);
    factor[row + i] = Math.sqrt(square);
  }
  return { n, values: factor };
}

/** x of L x = b. */
export function forward({ n, values }: Triangle, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = (i * (i + 1)) / 2;
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (values[row + k] as number) * (x[k] as number);
    x[i] = sum / (values[row + i] as number);
  }
  return x;
}

/** x of Lᵀ x = b. */
function backward({ n, values }: Triangle, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    const row = (i * (i + 1)) / 2;
    const own = (x[i] as number) / (values[row + i] as number);
    x[i] = own;
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - own * (values[row + k] as number);
  }
  return x;
}

/** x of A x = b, A symmetric positive definite with the factor L. */
export const choleskySolve = (factor: Triangle, b: ArrayLike<number>): Float64Array =>
  backward(factor, forward(factor, b));
