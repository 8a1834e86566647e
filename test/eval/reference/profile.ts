/**
 * What is expected to be free from now on, as steps: processors, and the part of them that long jobs may take. Both are
 * given out together, so that a job held back from long work reserves the moment at which its share comes free.
 */

/** What a job takes. It must find its `long` processors in the share of long jobs if it starts by `boundUntil`. */
export type Demand = {
  readonly width: number;
  readonly long: number;
  readonly boundUntil: number;
  readonly seconds: number;
};

export class Profile {
  readonly #at: number[] = [];
  readonly #free: number[] = [];
  readonly #budget: number[] = [];

  /** From `now` on; releases must then be told in order of time. */
  constructor(now: number, free: number, budget: number) {
    this.#push(now, free, budget);
  }

  /**
   * `width` processors come free at `at`, not before the last release told. Releases of one second stay steps of their own,
   * of no length: EASY's extra is what is free after the release that lets the head start, not after all of that second.
   */
  release(at: number, width: number, long: number): void {
    const last = this.#at.length - 1;
    this.#push(at, (this.#free[last] as number) + width, (this.#budget[last] as number) + long);
  }

  #push(at: number, free: number, budget: number): void {
    this.#at.push(at);
    this.#free.push(free);
    this.#budget.push(budget);
  }

  /** Index of the first step, from step `from` on, that is too narrow before the demand would end; -1: it fits. */
  #obstacle(from: number, { width, long, boundUntil, seconds }: Demand): number {
    const bound = (this.#at[from] as number) <= boundUntil;
    const end = (this.#at[from] as number) + seconds;
    for (let i = from; i < this.#at.length && (this.#at[i] as number) < end; i++) {
      if ((this.#free[i] as number) < width || (bound && (this.#budget[i] as number) < long)) return i;
    }
    return -1;
  }

  fitsNow(demand: Demand): boolean {
    return this.#obstacle(0, demand) === -1;
  }

  takeNow(demand: Demand): void {
    this.#take(0, demand);
  }

  /** Gives `demand` its room from the earliest moment at which it fits, and returns that; Infinity where it never does. */
  reserve(demand: Demand): number {
    for (let from = 0; from < this.#at.length; ) {
      const obstacle = this.#obstacle(from, demand);
      if (obstacle === -1) {
        this.#take(from, demand);
        return this.#at[from] as number;
      }
      from = obstacle + 1;
    }
    return Number.POSITIVE_INFINITY;
  }

  #take(from: number, { width, long, seconds }: Demand): void {
    const to = this.#step((this.#at[from] as number) + seconds);
    for (let i = from; i < to; i++) {
      this.#free[i] = (this.#free[i] as number) - width;
      this.#budget[i] = (this.#budget[i] as number) - long;
    }
  }

  /** Index of the first step that begins at `at`, which is made where there is none. */
  #step(at: number): number {
    let i = this.#at.length;
    while ((this.#at[i - 1] as number) >= at) i--;
    if (this.#at[i] === at) return i;
    this.#at.splice(i, 0, at);
    this.#free.splice(i, 0, this.#free[i - 1] as number);
    this.#budget.splice(i, 0, this.#budget[i - 1] as number);
    return i;
  }
}
