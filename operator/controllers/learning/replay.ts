/**
 * Teaches a predictor a whole history, when a replica starts. The models are fitted once on the way, in their thread:
 * the latest runs then judge models that had not learned from them, and say how much to trust each and how wide it errs.
 */
import type { Run } from '../../../predictors/run.ts';
import type { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { replay } from '../../../predictors/runtime/replay.ts';
import type { Breath } from '../breath.ts';
import type { Trainer } from './trainer.ts';

/** Runs that judge: a quarter of all, of many so many that each class of jobs is judged by hundreds. */
const SHARE = 0.25;
const MOST = 6000;

export type Teaching = {
  readonly predictor: RuntimePredictor;
  readonly trainer: Trainer;
  /** Others get their turns between the steps. */
  readonly breath: Breath;
};

/** Resolves when all runs are learned from; does not wait for the refit that is due then. */
export async function relearn(runs: readonly Run[], { predictor, trainer, breath }: Teaching): Promise<void> {
  const fitAt = runs.length - Math.min(MOST, Math.floor(SHARE * runs.length));
  const steps = replay(predictor, runs);
  const learned = predictor.runs;
  const untilFit = function* (): Generator<void, void> {
    while (predictor.runs - learned < fitAt && !steps.next().done) yield;
  };
  await breath.through(untilFit());
  trainer.refitNow(predictor, predictor.runs);
  await trainer.idle;
  await breath.through(steps);
  trainer.refitNow(predictor, predictor.runs);
}
