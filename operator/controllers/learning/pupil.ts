/** One job as the learner follows it: when it is met, when an attempt computes, and when one has ended. */
import type { JobStatus } from '../../../crds/jobStatus.ts';
import type { PredictionStatus } from '../../../crds/prediction.ts';
import type { Asked } from '../../../predictors/run.ts';

export type Pupil = {
  readonly asked: Asked;
  /** What was told of it at its submission, by this replica or by the one that led then; nothing is foretold of a late one. */
  readonly prediction: PredictionStatus | undefined;
  /** It was met when an attempt had ended already: the predictor has yet to hear of all that happened before. */
  readonly late: boolean;
  /** Attempt whose start was told, and the last one whose end was. */
  started: number;
  ended: number;
};

/** The attempt that computes or did; undefined before it does. */
export function computing({ assignment, startedAt }: JobStatus): number | undefined {
  return assignment?.runningAt !== undefined && startedAt !== undefined ? assignment.attempt : undefined;
}
