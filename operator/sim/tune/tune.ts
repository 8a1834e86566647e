/**
 * A search of the policy's scalars on a part of the history, and a test of what was found on a later one: accepted only
 * if it is shown to be better there, and makes nobody wait longer than the bound.
 */
import type { Recipe } from '../recipe.ts';
import { bootstrap, type Interval } from '../report/bootstrap.ts';
import { ownWindow } from '../report/compare.ts';
import { randomStream } from '../synthetic/random.ts';
import { type Found, minimise } from './cem.ts';
import { costOf, type Measured, measure, type Place } from './measure.ts';
import { recipeAt, type Searched, startOf } from './space.ts';
import type { Split } from './split.ts';

export type TuneOptions = {
  readonly split: Split;
  readonly place: Place;
  /** What is in use; what is found has to be better. */
  readonly baseline: Recipe;
  /** Which scalars; absent: those of the policy and of the queue, without z. */
  readonly searched?: Searched;
  /** Runs of the training part that may be spent. */
  readonly runs: number;
  readonly seed: number;
  /** Longest wait that is accepted, seconds; absent: twice the baseline's on the training part. */
  readonly maxWait?: number;
  /** Told of every run with the share done, from 0 to 1. */
  readonly onRun?: (share: number) => void;
};

export type Tuned = {
  readonly recipe: Recipe;
  /** Longest wait that was accepted, seconds. */
  readonly bound: number;
  readonly training: { readonly baseline: Measured; readonly found: Measured };
  readonly heldOut: { readonly baseline: Measured; readonly found: Measured };
  /** Difference of the mean bounded slowdown on the held-out part, found minus baseline. */
  readonly interval: Interval;
  /** Why it is refused; empty: it is accepted. */
  readonly refusals: readonly string[];
};

/** Candidates that are looked at again on fresh replicas, and on how many: the best of many noisy values is mostly lucky. */
const FINALISTS = 5;
const REPLICAS = 5;

/** Replicas of the held-out part. */
const TEST_REPLICAS = 10;

/** A wait of so many seconds is always accepted: where nobody waits, twice as long would be nothing. */
const SHORT = 60;

/** Runs that go into the choice; what is left is searched with. */
const CHOICE = (FINALISTS + 1) * REPLICAS;

/** Fewer runs are no search. */
export const FEWEST_RUNS = 2 * CHOICE;

/** Seeds of replicas; those of the search, of the choice and of the test have nothing in common. */
const seeds = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

/** Seeds of the replicas of the held-out part that decide in a search of this seed. */
export function testSeeds(seed: number): readonly number[] {
  return seeds(seed * 1_000_000 + 700_000, TEST_REPLICAS);
}

const RESAMPLES = 2000;

/** The one refusal that says nothing against what was found. */
export const NOT_BETTER = 'it is not shown to be better on the held-out part';

class Tuner {
  readonly #options: TuneOptions;
  #done = 0;

  constructor(options: TuneOptions) {
    this.#options = options;
  }

  #training(recipe: Recipe, chosen: readonly number[]): Measured {
    const { split, place, runs, onRun } = this.#options;
    const measured = measure(split.training, recipe, place, chosen);
    this.#done += chosen.length;
    onRun?.(Math.min(1, this.#done / runs));
    return measured;
  }

  #search(bound: number, first: number): Found {
    const { runs, seed, baseline, searched } = this.#options;
    const left = runs - CHOICE;
    const population = Math.max(10, Math.round(Math.sqrt(1.75 * left)));
    return minimise(
      (point, generation) => costOf(this.#training(recipeAt(point, baseline, searched), [first + generation]), bound),
      {
        start: startOf(searched),
        spread: 0.25,
        population,
        elite: Math.ceil(population / 4),
        generations: Math.floor(left / population),
        random: randomStream(seed, 'tune'),
      },
    );
  }

  run(): Tuned {
    const { split, place, baseline, searched, seed, maxWait } = this.#options;
    const base = seed * 1_000_000;
    const fresh = seeds(base + 500_000, REPLICAS);
    const before = this.#training(baseline, fresh);
    const bound = maxWait ?? Math.max(SHORT, 2 * before.maxWait);
    const { mean, tried } = this.#search(bound, base);
    const best = tried.toSorted((a, b) => a.value - b.value).slice(0, FINALISTS - 1);
    const finalists = [mean, ...best.map(({ point }) => point)].map((point) => {
      const recipe = recipeAt(point, baseline, searched);
      return { recipe, measured: this.#training(recipe, fresh) };
    });
    const cost = ({ measured }: (typeof finalists)[number]) => costOf(measured, bound);
    const { recipe, measured } = finalists.reduce((a, b) => (cost(b) < cost(a) ? b : a));
    const test = testSeeds(seed);
    const heldOut = {
      baseline: measure(split.heldOut, baseline, place, test),
      found: measure(split.heldOut, recipe, place, test),
    };
    return { recipe, bound, training: { baseline: before, found: measured }, heldOut, ...judged(heldOut, bound, seed) };
  }
}

/** Compares the two job by job: a mean that differs by chance is no reason to change anything. */
export function judged(
  { baseline, found }: Tuned['heldOut'],
  bound: number,
  seed: number,
): Pick<Tuned, 'interval' | 'refusals'> {
  const both = [...baseline.slowdowns.keys()].filter((job) => found.slowdowns.has(job)).toSorted((a, b) => a - b);
  const differences = both.map((job) => (found.slowdowns.get(job) ?? 0) - (baseline.slowdowns.get(job) ?? 0));
  const interval = bootstrap(differences, { block: ownWindow(differences.length), resamples: RESAMPLES, seed });
  const hours = (seconds: number) => (seconds / 3600).toFixed(1);
  const allowed = Math.max(bound, baseline.maxWait);
  const refusals = [
    ...(both.length < baseline.slowdowns.size ? ['some jobs could never start under it'] : []),
    ...(interval.verdict === 'better' ? [] : [NOT_BETTER]),
    ...(found.maxWait > allowed
      ? [`its longest wait there is ${hours(found.maxWait)} h; at most ${hours(allowed)} h are accepted`]
      : []),
  ];
  return { interval, refusals };
}

/** Throws SimulationInputError where workload and machine do not go together. */
export function tune(options: TuneOptions): Tuned {
  return new Tuner(options).run();
}
