/** How gangs are ordered, reserved for and backfilled: plain data, so that it can be configured, tuned and replayed. */
import type { Score } from './score.ts';

/** Which of a gang's run times is meant. `limit` is its walltime; where there is no prediction every one is. */
export type Estimate = 'q10' | 'q50' | 'q75' | 'q90' | 'limit';

/**
 * Room kept free of long gangs, so that short ones need not wait for them. A gang is long if its q75 exceeds
 * `longerThan` seconds or once it has run that long; a long gang starts only if all long gangs together then leave
 * `share` of the pool. A gang wider than `exemptShare` of the pool, or that has waited `exemptWait` seconds, is exempt: it may
 * start whatever long gangs hold, or were promised, of the rest; it counts as one of them once it runs.
 */
export type HoldBack = {
  readonly share: number;
  readonly longerThan: number;
  readonly exemptShare: number;
  readonly exemptWait: number;
};

export type Policy = {
  readonly score: Score;
  /** Run time by which gangs are ordered, and the one by which the ends of gangs are planned. */
  readonly orderBy: Estimate;
  readonly planBy: Estimate;
  /**
   * Run time by which the ends of gangs that run are planned; `planBy` where left out. A longer one than `planBy` (the
   * walltime beside a quantile) fills the holes before a reservation more boldly, and breaks more promises: what a gang
   * was taken to need before its start is less than what it is given after (Tsafrir and Feitelson, "The dynamics of
   * backfilling: solving the mystery of why increased inaccuracy may help", IISWC 2006).
   */
  readonly runningBy?: Estimate;
  /** Gangs in each pool that hold a place in its timeline: 0, 1 = EASY, Infinity = conservative. */
  readonly reservations: number;
  /** Order in which gangs behind the last reservation are tried: that of the score, shortest first, or oldest first. */
  readonly candidates: 'score' | 'shortest' | 'submitted';
  /** Gangs of one queue that are ahead of the others at a time because they waited longer than its objective. */
  readonly promotions: number;
  readonly holdBack?: HoldBack;
  /** Seconds after which scores that move with time are taken anew; 0: at every plan. */
  readonly tick: number;
  /** Run time assumed of a gang that has neither walltime nor prediction, in seconds. */
  readonly unlimited: number;
};

export const DEFAULT_POLICY: Policy = {
  score: { name: 'fcfs' },
  orderBy: 'q50',
  planBy: 'q90',
  reservations: 64,
  candidates: 'score',
  promotions: 4,
  tick: 30,
  unlimited: 86_400,
};
