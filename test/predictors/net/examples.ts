import type { Rows } from '../../../predictors/net/rows.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';

/** Standard normal numbers (Box and Muller). */
function normal(seed: number): () => number {
  const next = randomOf(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export type Example = Rows & { readonly quick: Float64Array };

/** Rows of four features: the target follows the first three, and spreads with the third; nothing is censored. */
export function example(count: number, seed: number): Example {
  const draw = normal(seed);
  const width = 4;
  const rows = Float64Array.from({ length: count * width }, draw);
  const targets = Float64Array.from({ length: count }, (_, row) => {
    const [a = 0, b = 0, c = 0] = rows.subarray(row * width, row * width + 3);
    return 7 + Math.sin(2 * a) + 0.5 * a * b + spreadAt(c) * draw();
  });
  const quick = targets.map((target) => (target < 7 ? 1 : 0.1));
  return {
    rows,
    width,
    count,
    targets,
    quick,
    censored: new Uint8Array(count),
    weights: new Float64Array(count).fill(1),
  };
}

/** Spread of the target of a row whose third feature is `c`. */
export function spreadAt(c: number): number {
  return c > 0 ? 0.8 : 0.2;
}
