/** The models of run times in use, in order: what fits them and what predicts with them agree on it. */
import { gbm } from './gbm/gbm.ts';
import type { Model } from './model.ts';

export const MODELS: readonly Model[] = [gbm()];
