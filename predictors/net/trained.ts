/** What training leaves: everything that a prediction needs, as numbers. */
import type { Heads } from './heads.ts';
import type { Scale } from './scale.ts';
import type { Shape } from './shape.ts';

export type Trained = {
  readonly shape: Shape;
  readonly heads: Heads;
  /** Of the features. */
  readonly features: Scale;
  /** Of the targets: an answer times `spread` plus `mean` is on the caller's scale. */
  readonly target: { readonly mean: number; readonly spread: number };
  /** As `layersOf` lays them out. */
  readonly parameters: Float32Array;
  readonly seed: number;
  /** How it went: passes over the rows, and the loss on the rows held out. */
  readonly epochs: number;
  readonly heldOutLoss: number;
  /** Rows of the last training. */
  readonly rows: number;
};
