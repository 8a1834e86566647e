import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cholesky, choleskySolve, triangle } from '../../../predictors/numeric/solve.ts';

const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 });

it('solves any symmetric positive definite system', () => {
  fc.assert(
    fc.property(fc.array(vector, { minLength: 4, maxLength: 4 }), vector, (rows, x) => {
      // B Bᵀ + 1 is positive definite whatever B is.
      const product = (i: number, j: number) =>
        (rows[i] as number[]).reduce((sum, value, k) => sum + value * (rows[j]?.[k] as number), i === j ? 1 : 0);
      const b = x.map((_, i) => x.reduce((sum, value, j) => sum + product(i, j) * value, 0));
      const found = choleskySolve(cholesky(triangle(4, product)), b);
      for (const [i, value] of x.entries()) expect(found[i]).toBeCloseTo(value, 6);
    }),
  );
});

it('refuses a matrix that is not positive definite', () => {
  expect(() => cholesky(triangle(2, () => 1))).toThrow('singular or indefinite');
});
