/** A trace told to a predictor in the order of its recorded events, and what was predicted at each submission. */

import type { Run } from '../../../predictors/run.ts';
import { isRefitDue } from '../../../predictors/runtime/pace.ts';
import type { Opinion, Prediction, RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import type { TracedRun } from './trace.ts';

export type Told = { readonly prediction: Prediction; readonly opinions: readonly Opinion[] };

/** What happens at one moment, in this order: ends, submissions, starts. A run's own submission comes before its end. */
type Event = { readonly at: number; readonly index: number; readonly what: 'end' | 'submission' | 'start' };

const RANK = { end: 0, submission: 1, start: 2 } as const;
const OWN_RANK = { submission: 0, start: 1, end: 2 } as const;

function eventsOf(runs: readonly TracedRun[]): readonly Event[] {
  const events = runs.flatMap(({ asked, startedAt, endedAt }, index): readonly Event[] => [
    { at: asked.submittedAt, index, what: 'submission' },
    { at: startedAt, index, what: 'start' },
    { at: endedAt, index, what: 'end' },
  ]);
  const order = (a: Event, b: Event) =>
    a.index === b.index ? OWN_RANK[a.what] - OWN_RANK[b.what] : RANK[a.what] - RANK[b.what];
  return events.sort((a, b) => a.at - b.at || order(a, b) || a.index - b.index);
}

/** A traced run as the history tells it: nothing was cut off, for the recorded length is what is to be predicted. */
function runOf({ asked, startedAt, endedAt, failed }: TracedRun): Run {
  const { queue: pool, nodes } = asked;
  const outcome = failed ? 'failed' : 'succeeded';
  return { ...asked, attempt: 1, startedAt, endedAt, outcome, censored: false, chosen: { pool, nodes } };
}

/** What was predicted for each run at its submission. Models are refitted on the way, when it is due. */
export async function replay(runs: readonly TracedRun[], predictor: RuntimePredictor): Promise<readonly Told[]> {
  const told: Told[] = [];
  let atLast = 0;
  for (const { index, what, at } of eventsOf(runs)) {
    const run = runs[index] as TracedRun;
    if (what === 'submission') {
      const prediction = predictor.submitted(run.asked);
      told[index] = { prediction, opinions: predictor.opinions(run.asked.uid) };
    } else if (what === 'start') predictor.started(run.asked, at);
    else predictor.ended(runOf(run));
    if (what !== 'end' || !isRefitDue(predictor.runs, atLast)) continue;
    atLast = predictor.runs;
    await predictor.refit(atLast);
  }
  return told;
}
