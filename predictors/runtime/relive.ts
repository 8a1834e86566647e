/**
 * A whole history at once: the models are fitted on the way, so that weights and calibration judge them by runs that they
 * had not learned from. Fitted at the end alone, they would be trusted as little, or as much, as runs like the job.
 */
import type { Run } from '../run.ts';
import { isRefitDue } from './pace.ts';
import type { RuntimePredictor } from './predictor.ts';
import { replay } from './replay.ts';

/** When models are fitted, as shares of the runs. Each fit on 60,000 rows takes seconds; a quarter of them judges well enough. */
const FITS = [0.75, 1] as const;
/** What is told, submitted, started or ended, between two words of progress. */
const STEPS = 500;

/** Yields the share that is done. The same runs and seed teach the same. */
export async function* relive(
  predictor: RuntimePredictor,
  runs: readonly Run[],
  seed: number,
): AsyncGenerator<number, void, undefined> {
  let [steps, fits] = [0, 0];
  for (const _ of replay(predictor, runs)) {
    steps += 1;
    if (steps % STEPS === 0) yield steps / (3 * runs.length);
    if (predictor.runs < (FITS[fits] ?? Number.POSITIVE_INFINITY) * runs.length) continue;
    fits += 1;
    if (isRefitDue(predictor.runs, 0)) await predictor.refit(seed + fits);
  }
}
