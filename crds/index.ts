/** The language users speak: all kinds of the API group. */
import { ComputePoolKind } from './computePool.ts';
import { SimulationJobKind, TrainingJobKind } from './job.ts';
import { PredictorKind } from './predictor.ts';
import { QueueKind } from './queue.ts';

export const KINDS = [SimulationJobKind, TrainingJobKind, QueueKind, ComputePoolKind, PredictorKind] as const;
