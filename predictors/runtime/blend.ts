/** Experts' guesses as one: weighted by how they did lately, on all jobs and on those of the same class. */
import { type Guess, MEDIAN } from './distribution.ts';
import { both, Hedge } from './hedge.ts';
import { HEADS, LEVELS, Z } from './model.ts';

/** Rates for |log error| and for the cross-entropy of z, whose natural rate is 1. */
const LENGTH_RATE = 0.05;
const CHANCE_RATE = 0.5;

/** A log error beyond this counts as this: no single run turns the weights over. */
const MOST_LOSS = 3;

/** Cross-entropy of a share in 0..1 told as a chance. */
function crossEntropy(share: number, chance: number): number {
  const bounded = Math.max(1e-4, Math.min(1 - 1e-4, chance));
  return -(share * Math.log(bounded) + (1 - share) * Math.log(1 - bounded));
}

/** A run that is over: its log seconds, what it is in z's terms, and the log of the longest it could be. */
export type Outcome = { readonly log: number; readonly quick: number; readonly most: number };

/** What the experts say, in order; undefined: asleep, for they know nothing of such jobs. */
export type Guesses = readonly (Guess | undefined)[];

/** For the quantiles and for z apart: who knows how long need not know what crashes. */
class Weights {
  readonly lengths: Hedge;
  readonly chances: Hedge;

  constructor(prior: ArrayLike<number>) {
    this.lengths = new Hedge(prior, LENGTH_RATE);
    this.chances = new Hedge(prior, CHANCE_RATE);
  }
}

export class Blend {
  readonly #all: Weights;
  readonly #groups: readonly Weights[];

  /** `prior`: the weights that a group's experts begin with, in sum 1; default: equal ones. */
  constructor(experts: number, groups: number, prior?: (group: number) => ArrayLike<number>) {
    const equal = new Float64Array(experts).fill(1 / experts);
    this.#all = new Weights(equal);
    this.#groups = Array.from({ length: groups }, (_, group) => new Weights(prior?.(group) ?? equal));
  }

  /** How much each expert counts for the lengths of a group's jobs. */
  weights(group: number, guesses: Guesses): Float64Array {
    const own = this.#groups[group] as Weights;
    return both(this.#all.lengths.weights, own.lengths.weights, (expert) => guesses[expert] !== undefined);
  }

  /** The weighted mean of log quantiles and of z. At least one expert is awake. */
  mix(group: number, guesses: Guesses): Guess {
    const mixed = new Float64Array(HEADS);
    const lengths = this.weights(group, guesses);
    const own = this.#groups[group] as Weights;
    const chances = both(this.#all.chances.weights, own.chances.weights, (expert) => guesses[expert] !== undefined);
    for (const [expert, guess] of guesses.entries()) {
      if (guess === undefined) continue;
      const weight = lengths[expert] as number;
      for (let head = 0; head < LEVELS.length; head++) {
        mixed[head] = (mixed[head] as number) + weight * (guess[head] as number);
      }
      mixed[Z] = (mixed[Z] as number) + (chances[expert] as number) * (guess[Z] as number);
    }
    return mixed;
  }

  /** `trust`: how much the run may teach, at most 1. Medians are judged cut to the longest run possible. */
  learn(group: number, guesses: Guesses, { log, quick, most }: Outcome, trust: number): void {
    const losses = guesses.map((guess) =>
      guess ? Math.min(MOST_LOSS, Math.abs(log - Math.min(most, guess[MEDIAN] as number))) : Number.NaN,
    );
    const chances = guesses.map((guess) => (guess ? crossEntropy(quick, guess[Z] as number) : Number.NaN));
    for (const weights of [this.#all, this.#groups[group] as Weights]) {
      weights.lengths.learn(losses, trust);
      weights.chances.learn(chances, trust);
    }
  }

  /** As plain data: the weights of all, then of each group, lengths before chances. */
  save(): readonly Float64Array[] {
    return this.#hedges().map(({ weights }) => weights.slice());
  }

  /** Throws where the weights are of another number of experts or groups. */
  load(saved: readonly Float64Array[]): void {
    const hedges = this.#hedges();
    if (saved.length !== hedges.length || saved.some(({ length }) => length !== hedges[0]?.weights.length)) {
      throw new Error('weights of other experts; learn anew from the history');
    }
    for (const [index, { weights }] of hedges.entries()) weights.set(saved[index] as Float64Array);
  }

  #hedges(): readonly Hedge[] {
    return [this.#all, ...this.#groups].flatMap(({ lengths, chances }) => [lengths, chances]);
  }
}
