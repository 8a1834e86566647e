/**
 * Weights of experts by their losses: exponentiated gradient with a fixed share (Herbster and Warmuth, "Tracking the
 * best expert", 1998), so that an expert that was bad for long comes back soon when it is the best.
 */

/** Part of all weight that is dealt out anew with every loss. */
const SHARED = 0.0002;

export class Hedge {
  readonly weights: Float64Array;
  readonly #rate: number;

  /** `rate`: how quickly a worse expert loses its weight, per unit of loss. */
  constructor(experts: number, rate: number) {
    this.weights = new Float64Array(experts).fill(1 / experts);
    this.#rate = rate;
  }

  /** `losses` of the experts in order, each at least 0; `trust`: in 0..1, how much this run may teach. */
  learn(losses: ArrayLike<number>, trust: number): void {
    const { weights } = this;
    let sum = 0;
    for (let expert = 0; expert < weights.length; expert++) {
      weights[expert] = (weights[expert] as number) * Math.exp(-this.#rate * trust * (losses[expert] as number));
      sum += weights[expert] as number;
    }
    const dealt = (SHARED * trust) / weights.length;
    for (let expert = 0; expert < weights.length; expert++) {
      weights[expert] = (1 - SHARED * trust) * ((weights[expert] as number) / sum) + dealt;
    }
  }
}

/** The product of two sets of weights, as weights: losses that both have seen add up. */
export function both(one: Float64Array, other: Float64Array): Float64Array {
  const product = one.map((weight, expert) => weight * (other[expert] as number));
  const sum = product.reduce((total, weight) => total + weight, 0);
  return product.map((weight) => weight / sum);
}
