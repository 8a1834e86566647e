/** Lets a predictor live through what a history tells of, in the order in which it happened. */

import type { Run } from '../run.ts';
import type { RuntimePredictor } from './predictor.ts';

/** Of what happens in the same second, ends come first: whoever is submitted then may know of them. */
const ORDER = { ended: 0, submitted: 1, started: 2 } as const;

type Moment = { readonly at: number; readonly what: keyof typeof ORDER; readonly run: Run };

/**
 * Yields after each moment, so that whoever replays much can let others have a turn. Of the oldest runs, which models
 * would have no room for, nothing is predicted: they are only remembered.
 */
export function* replay(predictor: RuntimePredictor, runs: readonly Run[]): Generator<void, void> {
  const submissions = runs.map(({ submittedAt }) => submittedAt).sort((a, b) => a - b);
  const since = submissions[Math.max(0, runs.length - predictor.mostRuns)] ?? 0;
  const moments = runs.flatMap((run): readonly Moment[] => [
    { at: run.submittedAt, what: 'submitted', run },
    { at: run.startedAt, what: 'started', run },
    // A run of no length ends after it was submitted all the same.
    { at: Math.max(run.endedAt, run.startedAt + 1e-3), what: 'ended', run },
  ]);
  moments.sort((a, b) => a.at - b.at || ORDER[a.what] - ORDER[b.what]);
  for (const { at, what, run } of moments) {
    if (what === 'submitted' && at < since) predictor.remember(run);
    else if (what === 'submitted') predictor.submitted(run);
    else if (what === 'started') predictor.started(run, at);
    else predictor.ended(run);
    yield;
  }
}
