/**
 * Delays between tries with decorrelated jitter: each is drawn between `base` and three times the one before, so that many
 * clients that failed together do not come back together. Milliseconds.
 */
export class Backoff {
  readonly #base: number;
  readonly #max: number;
  readonly #random: () => number;
  #last: number;

  constructor({ base = 200, max = 30_000, random = Math.random }: BackoffOptions = {}) {
    this.#base = base;
    this.#max = max;
    this.#random = random;
    this.#last = base;
  }

  next(): number {
    this.#last = Math.min(this.#max, this.#base + this.#random() * (this.#last * 3 - this.#base));
    return this.#last;
  }

  /** It worked: the next delay is short again. */
  reset(): void {
    this.#last = this.#base;
  }
}

export type BackoffOptions = {
  base?: number;
  max?: number;
  /** In [0, 1). */
  random?: () => number;
};
