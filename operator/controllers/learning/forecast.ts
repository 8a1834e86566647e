/** A prediction as it stands in the status of a job, and as a plan takes it. */
import type { PredictionStatus } from '../../../crds/prediction.ts';
import type { Prediction as Told } from '../../../predictors/runtime/predictor.ts';
import type { Prediction } from '../../core/model.ts';
import { formatTime } from '../../core/time.ts';

/** Significant digits that anybody reads; the status need not carry more. */
const DIGITS = 4;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** `at`: when it was made, seconds since the epoch. `joules`: of a run of the median length, where that can be told. */
export function predictionStatus(told: Told, at: number, joules?: number): PredictionStatus {
  const { q10, q50, q75, q90, q95, z, by, rung, support } = told;
  return {
    q10: rounded(q10),
    q50: rounded(q50),
    q75: rounded(q75),
    q90: rounded(q90),
    q95: rounded(q95),
    quick: rounded(Math.min(1, Math.max(0, z))),
    by,
    from: rung,
    support,
    ...(joules !== undefined && { joules: rounded(joules) }),
    at: formatTime(at),
  };
}

export function forPlan({ q10, q50, q75, q90, quick }: PredictionStatus): readonly Prediction[] {
  return [{ q10, q50, q75, q90, z: quick }];
}
