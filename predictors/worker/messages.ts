/** What the caller's thread and a refit's thread say to each other. */
import type { BackendName, BackendOptions } from '../backend/backend.ts';
import type { NetOptions } from '../net/net.ts';
import type { FittedState, TrainingSet } from '../runtime/model.ts';

/** What to begin from. */
export type RefitOptions = {
  readonly seed: number;
  /** What the models learned before, in their order: where they can go on from it, they may. */
  readonly from?: readonly (FittedState | undefined)[];
};

/** Given to the thread when it starts. */
export type Task = {
  readonly set: TrainingSet;
  readonly options: RefitOptions;
  /** Names of the models to fit. */
  readonly models: readonly string[];
  readonly backend: BackendOptions;
  readonly net: NetOptions;
};

/** What was learned. */
export type Refitted = {
  /** In the order of the models. */
  readonly states: readonly FittedState[];
  /** `plain`: no model needed a tensor library. */
  readonly backend: BackendName | 'plain';
  readonly seconds: number;
};

/** The thread's only message. */
export type Answer = ({ readonly kind: 'fitted' } & Refitted) | { readonly kind: 'refused'; readonly message: string };
