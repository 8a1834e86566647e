/** The net as the predictors' model of run times: quantiles of relative log seconds, and z. */
import type { Backend } from '../backend/backend.ts';
import { type Fitted, type FittedState, LEVELS, type Model } from '../runtime/model.ts';
import { decodeFor, encode, FORMAT, VERSION } from './checkpoint.ts';
import { makePredict } from './predict.ts';
import { type TrainingOptions, train } from './train.ts';
import type { Trained } from './trained.ts';

/** The model's name. */
export const NET = 'net';

export type NetOptions = Partial<Omit<TrainingOptions, 'heads' | 'seed' | 'from'>>;

/**
 * Found on KTH-SP2, three folds of 20,000 rows and the 5,000 after them: with the decay a MALE of .473, as of boosted trees, and 90 %
 * below q90; without it .485 and 85 %. Other sizes, rates and batches changed less than .003; so did ranks instead of values.
 */
export const DEFAULTS = {
  hidden: [64, 32],
  batch: 256,
  rate: 5e-3,
  decay: 0.7,
  epochs: 30,
  patience: 5,
  heldOut: 0.1,
} as const;

const HEADS_OF_RUN_TIME = { levels: LEVELS, z: true } as const;

/** A net that learns on `backend`; without one it predicts from what was learned elsewhere, and `fit` throws. */
export function netModel(backend: Pick<Backend, 'tf'> | undefined, options: NetOptions = {}): Model {
  const fitted = (trained: Trained, state: FittedState): Fitted => ({ state, predict: makePredict(trained, backend) });
  return {
    name: NET,
    fit: (set, { seed, from }) => {
      if (!backend) throw new Error('the net cannot learn without a backend');
      const earlier = from?.format === FORMAT ? { from: revived(from) } : {};
      const trained = train(backend.tf, set, { ...DEFAULTS, ...options, ...earlier, heads: HEADS_OF_RUN_TIME, seed });
      return fitted(trained, { format: FORMAT, version: VERSION, body: encode(trained) });
    },
    revive: (state) => fitted(revived(state), state),
  };
}

function revived({ format, version, body }: FittedState): Trained {
  if (format !== FORMAT || version !== VERSION)
    throw new Error(
      `the state is ${format} ${version}; the net reads ${FORMAT} ${VERSION}: learn again from the history`,
    );
  if (!(body instanceof Uint8Array)) throw new Error('the state of a net holds no bytes: learn again from the history');
  return decodeFor(HEADS_OF_RUN_TIME, body);
}
