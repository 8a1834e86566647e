/** A borrowed cap on its first runs: kept, backed off, or dropped by what it really cost. */

/** `onTrial`: set, not measured yet. `kept`: within the tolerance. `dropped`: no cap is set any more. */
export type Trial = {
  readonly state: 'onTrial' | 'kept' | 'dropped';
  /** Power limit as a share of the accelerator's largest power; 1: none. */
  readonly capShare: number;
  /** Program that lent it. */
  readonly from: string;
  readonly backedOff: number;
};

/** What the first minutes, or the whole run, measured under the cap of the trial. */
export type Verdict = {
  /** Run time, or time of an iteration, over that without a cap. */
  readonly slowdown: number;
  /** Energy over that without a cap. */
  readonly energy: number;
};

const TOLERANCE = 0.05;
/** Backs off so often before it gives the cap up. */
const MOST_BACK_OFFS = 2;

export const startTrial = (capShare: number, from: string): Trial => ({
  state: 'onTrial',
  capShare,
  from,
  backedOff: 0,
});

/**
 * The trial after a measurement: too slow raises the cap half of the way to none and tries again; within the tolerance but
 * saving nothing, or too slow too often, drops it; else it is kept. A kept cap that becomes too slow is on trial again.
 */
export function judge(trial: Trial, { slowdown, energy }: Verdict, tolerance = TOLERANCE): Trial {
  if (trial.state === 'dropped') return trial;
  const dropped: Trial = { ...trial, state: 'dropped', capShare: 1 };
  if (!(slowdown > 0 && energy > 0)) return trial;
  if (slowdown <= 1 + tolerance) return energy < 1 ? { ...trial, state: 'kept' } : dropped;
  if (trial.backedOff >= MOST_BACK_OFFS) return dropped;
  return { ...trial, state: 'onTrial', capShare: (1 + trial.capShare) / 2, backedOff: trial.backedOff + 1 };
}
