/**
 * Weights of experts by their losses: exponentiated gradient with a fixed share (Herbster and Warmuth, "Tracking the
 * best expert", 1998), so that an expert that was bad for long comes back soon when it is the best. Experts may be asleep:
 * who said nothing keeps its share (Freund, Schapire, Singer and Warmuth, "Using and combining predictors that
 * specialize", 1997).
 */

/** Part of all weight that is dealt out anew with every loss. */
const SHARED = 0.0002;

export class Hedge {
  readonly weights: Float64Array;
  readonly #rate: number;

  /** `rate`: how quickly a worse expert loses its weight, per unit of loss. `prior`: weights to begin with, in sum 1. */
  constructor(prior: ArrayLike<number>, rate: number) {
    this.weights = Float64Array.from(prior);
    this.#rate = rate;
  }

  /** `losses` of the experts in order, each at least 0, NaN: asleep; `trust`: in 0..1, how much this run may teach. */
  learn(losses: ArrayLike<number>, trust: number): void {
    const { weights } = this;
    let [before, after, awake] = [0, 0, 0];
    for (let expert = 0; expert < weights.length; expert++) {
      const loss = losses[expert] as number;
      if (Number.isNaN(loss)) continue;
      awake++;
      before += weights[expert] as number;
      weights[expert] = (weights[expert] as number) * Math.exp(-this.#rate * trust * loss);
      after += weights[expert] as number;
    }
    const dealt = (SHARED * trust * before) / awake;
    for (let expert = 0; expert < weights.length; expert++) {
      if (Number.isNaN(losses[expert])) continue;
      weights[expert] = (1 - SHARED * trust) * (((weights[expert] as number) * before) / after) + dealt;
    }
  }
}

/** The product of two sets of weights, as weights of those awake: losses that both have seen add up. */
export function both(one: Float64Array, other: Float64Array, isAwake: (expert: number) => boolean): Float64Array {
  const product = one.map((weight, expert) => (isAwake(expert) ? weight * (other[expert] as number) : 0));
  const sum = product.reduce((total, weight) => total + weight, 0);
  return product.map((weight) => weight / sum);
}
