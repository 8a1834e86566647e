/** When the history is to be played again. */
import type { PredictorTuning, TuningStatus } from '../../../../crds/predictor.ts';
import { parseTime } from '../../../core/time.ts';

const DAY = 86_400;
/** Seconds until a search that failed is tried again: doubled with every further failure, up to the usual pause. */
const FIRST_RETRY = 900;

/** Seconds since the epoch; before all times where nothing was searched yet. */
export function dueAt(tuning: TuningStatus | undefined, { everyDays }: Pick<PredictorTuning, 'everyDays'>): number {
  const at = parseTime(tuning?.at);
  if (tuning === undefined || at === undefined) return Number.NEGATIVE_INFINITY;
  return at + Math.min(everyDays * DAY, pauseAfter(tuning));
}

function pauseAfter({ outcome, failures = 1 }: TuningStatus): number {
  if (outcome === 'Failed') return FIRST_RETRY * 2 ** (failures - 1);
  // Runs come every day.
  return outcome === 'TooFewRuns' ? DAY : Number.POSITIVE_INFINITY;
}
