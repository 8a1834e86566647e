/** What the operator and the thread that plays its history say to each other. Times are seconds since the epoch, lengths seconds. */
import type { Asked, Run } from '../../predictors/run.ts';
import type { Policy } from '../core/plan/policy.ts';

/** A pool as it is now: so many nodes, each of which offers this. */
export type PlayPool = {
  readonly name: string;
  readonly nodes: number;
  /** CPUs, bytes of memory, and accelerators of a node. */
  readonly cpus: number;
  readonly memory: number;
  readonly accelerators: number;
};

/** An attempt that computes now: how long it will run is not known yet. */
export type Running = Asked & Pick<Run, 'attempt' | 'startedAt' | 'chosen' | 'predicted'>;

/** What the cluster was asked for since `from`, and what it has to serve it with. */
export type PlayHistory = {
  readonly from: number;
  readonly now: number;
  /** In any order; several attempts of a job are several runs. */
  readonly runs: readonly Run[];
  readonly running: readonly Running[];
  readonly pools: readonly PlayPool[];
  /** Plans use predictions: those told at submission are played. Else the walltimes count, as they do in plans. */
  readonly usesPredictions: boolean;
};

/** Terms of the queue that most jobs wait in; they stay as they are. */
export type PlayQueue = {
  readonly order: 'strict' | 'skipping';
  readonly waitObjective?: number;
};

export type PlayTask = PlayHistory & {
  readonly queue: PlayQueue;
  /** What has to be beaten. */
  readonly baseline: Policy;
  /** What was accepted before: whether it still holds. */
  readonly incumbent?: Policy;
  /** Simulated runs that the search may spend, and its seed. */
  readonly spend: number;
  readonly seed: number;
  /** Longest wait that is accepted; absent: twice the baseline's. */
  readonly maxWait?: number;
};

/** What a policy made of the held-out part, mean over replicas. */
export type Side = { readonly bsld: number; readonly maxWait: number };

/** A policy against the baseline on the held-out part. */
export type Trial = Side & {
  readonly policy: Policy;
  /** How much lower its mean bounded slowdown is, with the 95 % interval. */
  readonly gain: { readonly mean: number; readonly low: number; readonly high: number };
  /** Why it is refused; empty: it is accepted. */
  readonly refusals: readonly string[];
};

export type Played = {
  readonly kind: 'played';
  /** Jobs played, and days searched on and held out. */
  readonly jobs: number;
  readonly days: readonly [searched: number, heldOut: number];
  readonly baseline: Side;
  readonly found: Trial;
  readonly incumbent?: Trial;
  /** The incumbent was shown to be worse than the baseline, or to make somebody wait too long. */
  readonly isWithdrawn: boolean;
  /** Runs that were not played, or not as they were, in words. */
  readonly notes: readonly string[];
};

/** `short`: the history is too short to be split; `refused`: it cannot be played. */
export type PlayAnswer = Played | { readonly kind: 'short' | 'refused'; readonly message: string };

/** How a search ended for who asked for it. `crashed`: the thread ended without a word; `hung`: it did not end in time. */
export type PlayOutcome =
  | (PlayAnswer & { readonly seconds: number })
  | { readonly kind: 'crashed' | 'hung' | 'closed'; readonly message: string };
