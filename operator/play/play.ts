/** Plays a cluster's history: searches the policy's scalars on its earlier part, and lets the later part decide. Pure. */
import type { Policy } from '../core/plan/policy.ts';
import { SimulationInputError } from '../sim/machine.ts';
import { plural } from '../sim/report/text.ts';
import { type Measured, measure, type Place } from '../sim/tune/measure.ts';
import { type Split, split } from '../sim/tune/split.ts';
import { judged, NOT_BETTER, type Tuned, testSeeds, tune } from '../sim/tune/tune.ts';
import type { Workload } from '../sim/workload.ts';
import type { PlayAnswer, Played, PlayTask, Side, Trial } from './messages.ts';
import { recorded } from './recorded.ts';
import { machineOf } from './units.ts';
import { workloadOf } from './workload.ts';

const DAY = 86_400;
/** Days that decide: a week holds each weekday once. Of a history shorter than three weeks, a third decides. */
const HELD_OUT = 7;
const HELD_OUT_SHARE = 1 / 3;

/** The last week, and all before it. Throws SimulationInputError where one part holds too few jobs. */
function parts(workload: Workload): Split {
  const [first, last] = [workload.jobs[0], workload.jobs.at(-1)];
  const days = ((last?.submit ?? 0) + 1 - (first?.submit ?? 0)) / DAY;
  const heldOut = Math.min(HELD_OUT, days * HELD_OUT_SHARE);
  // A hair less than there is, lest a rounding error make the history too short for both.
  return split(workload, (days - heldOut) * (1 - 1e-9), heldOut);
}

const sideOf = ({ bsld, maxWait }: Measured): Side => ({ bsld, maxWait });

function trialOf(policy: Policy, found: Measured, { interval, refusals }: Pick<Tuned, 'interval' | 'refusals'>): Trial {
  const { difference, low, high } = interval;
  return { policy, ...sideOf(found), gain: { mean: 0 - difference, low: 0 - high, high: 0 - low }, refusals };
}

type Setting = { readonly task: PlayTask; readonly place: Place; readonly heldOut: Workload };

/** Whether what was accepted before still holds on the new held-out part: it goes only where that speaks against it. */
function review(
  tuned: Tuned,
  policy: Policy,
  { task, place, heldOut }: Setting,
): Pick<Played, 'incumbent' | 'isWithdrawn'> {
  const found = measure(heldOut, { policy, queue: task.queue }, place, testSeeds(task.seed));
  const judgement = judged({ baseline: tuned.heldOut.baseline, found }, tuned.bound, task.seed);
  const against = judgement.refusals.filter((refusal) => refusal !== NOT_BETTER);
  const isWithdrawn = judgement.interval.verdict === 'worse' || against.length > 0;
  return { incumbent: trialOf(policy, found, judgement), isWithdrawn };
}

function answerOf(tuned: Tuned, split: Split, workload: Workload, setting: Setting): Played {
  const { incumbent: before } = setting.task;
  const reviewed = before ? review(tuned, before, setting) : { isWithdrawn: false };
  const found = trialOf(tuned.recipe.policy, tuned.heldOut.found, tuned);
  const isBeaten = reviewed.incumbent && !reviewed.isWithdrawn && reviewed.incumbent.bsld <= found.bsld;
  const refusals = isBeaten ? [...found.refusals, 'what was accepted before is better still'] : found.refusals;
  return {
    kind: 'played',
    jobs: split.training.jobs.length + split.heldOut.jobs.length,
    days: split.days,
    baseline: sideOf(tuned.heldOut.baseline),
    found: { ...found, refusals },
    ...reviewed,
    notes: [...workload.dropped, ...workload.adjusted].map(({ reason, count }) => `${plural(count, 'run')} ${reason}`),
  };
}

/** Nothing is told of any job. Not the simulator's own `user`: that knows the true run time of jobs without a walltime. */
const WALLTIMES = {
  estimates: 'learned',
  forecaster: () => ({ submitted: () => [], started: () => undefined, ended: () => undefined }),
} as const;

/** The same task gives the same answer. Throws Error where an invariant of the simulator breaks. */
export function play(task: PlayTask): PlayAnswer {
  const { baseline, queue, usesPredictions, spend, seed, maxWait } = task;
  const workload = workloadOf(task);
  const estimates = usesPredictions ? ({ estimates: 'learned', forecaster: recorded(task) } as const) : WALLTIMES;
  const place: Place = { machine: machineOf(task.pools), ...estimates };
  try {
    const cut = parts(workload);
    const tuned = tune({
      split: cut,
      place,
      baseline: { policy: baseline, queue },
      // The queue is its administrator's.
      searched: { queue: false, z: usesPredictions },
      runs: spend,
      seed,
      ...(maxWait !== undefined && { maxWait }),
    });
    return answerOf(tuned, cut, workload, { task, place, heldOut: cut.heldOut });
  } catch (error) {
    if (!(error instanceof SimulationInputError)) throw error;
    return { kind: 'short', message: error.message };
  }
}
