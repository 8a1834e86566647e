/** What a recipe makes of a part of the history, as the mean over jittered replicas. */
import type { Estimates, Forecaster } from '../estimates.ts';
import type { Machine } from '../machine.ts';
import type { Recipe } from '../recipe.ts';
import { boundedSlowdown, wait } from '../report/metrics.ts';
import type { RunResult } from '../results.ts';
import { simulate } from '../simulate.ts';
import { jitter } from '../synthetic/jitter.ts';
import type { Workload } from '../workload.ts';

/** Where all runs of a search take place. */
export type Place = {
  readonly machine: Machine;
  readonly estimates: Estimates;
  readonly forecaster?: () => Forecaster;
};

export type Measured = {
  /** Mean bounded slowdown of each job over the replicas, by its place in order of submission. */
  readonly slowdowns: ReadonlyMap<number, number>;
  readonly bsld: number;
  readonly meanWait: number;
  /** Mean over the replicas of the longest wait, seconds: of one replica it would be one job's luck. */
  readonly maxWait: number;
};

/** One run over a replica of the workload. Throws Error where an invariant breaks: such a run decides nothing. */
function runOf(workload: Workload, { policy, queue }: Recipe, place: Place, seed: number): RunResult {
  const result = simulate({ ...place, workload: jitter(workload, seed), policy, queue });
  const [broken] = result.broken;
  if (broken !== undefined) throw new Error(`an invariant broke while tuning: ${broken}`);
  return result;
}

/** A run of each seed. */
export function measure(workload: Workload, recipe: Recipe, place: Place, seeds: readonly number[]): Measured {
  const slowdowns = new Map<number, number>();
  let [slowdown, waits, longest, count] = [0, 0, 0, 0];
  for (const seed of seeds) {
    let most = 0;
    for (const job of runOf(workload, recipe, place, seed).jobs) {
      const one = boundedSlowdown(job);
      slowdowns.set(job.index, (slowdowns.get(job.index) ?? 0) + one / seeds.length);
      slowdown += one;
      waits += wait(job);
      most = Math.max(most, wait(job));
      count += 1;
    }
    longest += most;
  }
  return { slowdowns, bsld: slowdown / count, meanWait: waits / count, maxWait: longest / seeds.length };
}

/** How much a longest wait of twice the bound costs, in mean slowdowns. */
const PENALTY = 2;

/** What is minimised: the mean bounded slowdown, more where somebody waits longer than `bound` seconds. */
export function costOf({ bsld, maxWait }: Pick<Measured, 'bsld' | 'maxWait'>, bound: number): number {
  return bsld * (1 + PENALTY * Math.max(0, maxWait / bound - 1));
}
