import { z } from 'zod';
import type { Trained } from './trained.ts';

/** The part of a checkpoint that is JSON: all of a trained net but its parameters. */
export type Header = Omit<Trained, 'parameters' | 'features'> & {
  readonly means: readonly number[];
  readonly spreads: readonly number[];
};

const count = z.number().int().min(0);

const schema = z
  .object({
    shape: z.array(z.number().int().min(1).max(65_536)).min(2).max(16),
    heads: z.object({ levels: z.array(z.number().gt(0).lt(1)).min(1), z: z.boolean() }),
    target: z.object({ mean: z.number(), spread: z.number().gt(0) }),
    means: z.array(z.number()),
    spreads: z.array(z.number().min(0)),
    seed: z.number(),
    epochs: count,
    // JSON has no word for "not a number", which is the loss when no rows were held out.
    heldOutLoss: z
      .number()
      .nullable()
      .transform((loss) => loss ?? Number.NaN),
    rows: count,
  })
  .refine(({ shape, means, spreads }) => means.length === shape[0] && spreads.length === shape[0], {
    message: 'means, spreads: one for each feature',
  })
  .refine(({ shape, heads }) => shape.at(-1) === heads.levels.length + Number(heads.z), {
    message: 'shape: the last layer has one neuron for each head',
  });

/** Throws an Error that names the first field that does not fit. */
export function parseHeader(value: unknown): Header {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
