/**
 * What a learner of run times is to the predictor that owns it. Targets are relative: log seconds minus the row's
 * reference (the log of its limit, or of what such jobs usually take), which the predictor adds again.
 */

/** Quantiles that every model gives, in the order of its answer. */
export const LEVELS = [0.1, 0.5, 0.75, 0.9, 0.95] as const;

/** Numbers per row of an answer: the quantiles of LEVELS, relative log seconds, never falling, then z in 0..1. */
export const HEADS = LEVELS.length + 1;

/** Where z stands in a row of an answer. */
export const Z = LEVELS.length;

export type TrainingSet = {
  /** `count` rows of `width` finite numbers, row-major. */
  readonly rows: Float64Array;
  readonly width: number;
  readonly count: number;
  /** Relative log seconds. */
  readonly targets: Float64Array;
  /** 10 / max(run, 10), the target of z: 1 for a run that was over at once. */
  readonly quick: Float64Array;
  /** 1: the run was cut off, the true time is at least the target: the loss is one-sided; z is learned only of one long enough. */
  readonly censored: Uint8Array;
  /** At least 0; how much a row counts, so that no user's rows outweigh all others'. */
  readonly weights: Float64Array;
};

/** What a model has learned; `state` is plain (numbers, strings, typed arrays) and can be cloned or sent to a worker. */
export type Fitted = {
  readonly state: FittedState;
  /** `count` rows as those of the training set; returns `count` × HEADS numbers, row-major. */
  readonly predict: (rows: Float64Array, count: number) => Float64Array;
};

/** `format` and `version` name the code that reads `body`; a reader refuses others. */
export type FittedState = { readonly format: string; readonly version: number; readonly body: unknown };

export type FitOptions = {
  readonly seed: number;
  /** What this model learned before: where it can go on from it, it may. */
  readonly from?: FittedState;
};

export type Model = {
  /** As it is called in `by` and in tables: `gbm`, `net`. */
  readonly name: string;
  readonly fit: (set: TrainingSet, options: FitOptions) => Fitted | Promise<Fitted>;
  /** What was learned, from its state. Throws an Error of one line where the state is of another format or version, or damaged. */
  readonly revive: (state: FittedState) => Fitted;
};
