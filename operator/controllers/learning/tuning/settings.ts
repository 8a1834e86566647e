/** What the Predictor says of tuning, with the defaults of its schema where it says nothing. */
import type { Predictor, PredictorTuning } from '../../../../crds/predictor.ts';

const DEFAULTS: PredictorTuning = { mode: 'suggest', everyDays: 7, days: 21, leastRuns: 500 };

export function settingsOf(predictor: Predictor | undefined): PredictorTuning {
  return { ...DEFAULTS, ...predictor?.spec.tuning };
}
