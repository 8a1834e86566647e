/** Gradient-boosted trees as a model of run times. */
import type { FitOptions, Fitted, FittedState, Model, TrainingSet } from '../model.ts';
import { BOOST, type BoostOptions, boost, type Forest } from './boost.ts';
import { walker } from './walk.ts';

const FORMAT = 'coxswain-gbm';
const VERSION = 1;

/** Leaves grow with the root of the rows, and hold a share of them: few runs cannot fill many. */
const ROWS_PER_LEAF_SQUARED = 42;
const FEWEST_LEAVES = 8;
const WEIGHT_SHARE = 1 / 30;
const LEAST_WEIGHT = 20;

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

function optionsFor({ count, weights }: TrainingSet, options: BoostOptions): BoostOptions {
  const weight = weights.reduce((sum, own) => sum + own, 0);
  return {
    ...options,
    leaves: clamp(Math.round(Math.sqrt(count / ROWS_PER_LEAF_SQUARED)), FEWEST_LEAVES, options.leaves),
    leastWeight: clamp(weight * WEIGHT_SHARE, Math.min(LEAST_WEIGHT, options.leastWeight), options.leastWeight),
  };
}

function fittedOf(forest: Forest): Fitted {
  return {
    state: { format: FORMAT, version: VERSION, body: forest },
    predict: walker(forest),
  };
}

/** The body of a state, or an error that says why it is none. */
function forestOf({ format, version, body }: FittedState): Forest {
  if (format !== FORMAT || version !== VERSION) {
    throw new Error(
      `a model of format ${format} version ${version}, not ${FORMAT} ${VERSION}; fit it anew from the history`,
    );
  }
  const forest = body as Partial<Forest> | null;
  const isWhole =
    forest?.base instanceof Float64Array &&
    forest.used instanceof Int32Array &&
    Array.isArray(forest.cuts) &&
    forest.cuts.length === forest.width &&
    Array.isArray(forest.trees);
  if (!isWhole) throw new Error('a model of trees that is damaged; fit it anew from the history');
  return forest as Forest;
}

/** A model that is fitted at once, and so can learn inside a simulation. */
export type Trees = Omit<Model, 'fit'> & { readonly fit: (set: TrainingSet, options: FitOptions) => Fitted };

/** The model; `options` other than the default ones are for tests and studies. */
export function gbm(options: BoostOptions = BOOST): Trees {
  return {
    name: 'gbm',
    fit: (set, { seed }) => fittedOf(boost(set, seed, optionsFor(set, options))),
    revive: (state) => fittedOf(forestOf(state)),
  };
}
