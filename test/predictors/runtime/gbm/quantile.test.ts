import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantileOf } from '../../../../predictors/runtime/gbm/quantile.ts';

const residual = fc.record({
  // Many of the second kind lie on the edge between two bins.
  value: fc.oneof(
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.integer({ min: -80, max: 80 }).map((n) => n / 16),
  ),
  weight: fc.double({ min: 0.1, max: 2, noNaN: true }),
  censored: fc.constantFrom(0, 1),
});

/** Σ w·pinball, where a censored row costs nothing from its value on. */
function loss(rows: readonly { value: number; weight: number; censored: number }[], level: number, at: number): number {
  let sum = 0;
  for (const { value, weight, censored } of rows) {
    if (value > at) sum += weight * level * (value - at);
    else if (censored === 0) sum += weight * (1 - level) * (at - value);
  }
  return sum;
}

it('minimises the pinball loss, one-sided for censored rows', () => {
  fc.assert(
    fc.property(fc.array(residual, { minLength: 1, maxLength: 40 }), fc.constantFrom(0.1, 0.5, 0.9), (rows, level) => {
      const found = quantileOf(
        {
          values: Float64Array.from(rows, ({ value }) => value),
          weights: Float64Array.from(rows, ({ weight }) => weight),
          censored: Uint8Array.from(rows, ({ censored }) => censored),
        },
        Int32Array.from(rows, (_, index) => index),
        0,
        rows.length,
        level,
      );
      const best = Math.min(...rows.map(({ value }) => loss(rows, level, value)));
      expect(loss(rows, level, found)).toBeLessThanOrEqual(best + 1e-4);
    }),
    { numRuns: 1000 },
  );
});
