/** Predictions as they were told when the jobs were submitted: what plans went by then, and nothing learned later. */
import type { Prediction } from '../core/model.ts';
import type { Forecaster } from '../sim/estimates.ts';
import type { PlayHistory } from './messages.ts';
import { idOf } from './workload.ts';

/** Makes a forecaster for each simulated run. A job of which nothing was told is planned by its walltime. */
export function recorded({ runs, running }: Pick<PlayHistory, 'runs' | 'running'>): () => Forecaster {
  const told = new Map<string, readonly Prediction[]>();
  for (const attempt of [...runs, ...running]) {
    if (!attempt.predicted) continue;
    const { q10, q50, q75, q90, z } = attempt.predicted;
    told.set(idOf(attempt), [{ q10, q50, q75, q90, z }]);
  }
  const forecaster: Forecaster = {
    submitted: ({ id }) => told.get(id) ?? [],
    started: () => undefined,
    ended: () => undefined,
  };
  return () => forecaster;
}
