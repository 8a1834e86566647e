/** Weighted quantiles of the last values told: a ring, and its values in order. */
export class SlidingQuantile {
  readonly #ring: Float64Array;
  readonly #ringWeights: Float64Array;
  readonly #sorted: Float64Array;
  readonly #weights: Float64Array;
  #next = 0;
  size = 0;
  #weight = 0;

  constructor(capacity: number) {
    this.#ring = new Float64Array(capacity);
    this.#ringWeights = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
    this.#weights = new Float64Array(capacity);
  }

  /** Adds a finite value of weight above 0; the oldest leaves where the ring is full. */
  add(value: number, weight = 1): void {
    if (this.size === this.#ring.length) this.drop();
    const at = this.#place(value);
    this.#sorted.copyWithin(at + 1, at, this.size);
    this.#weights.copyWithin(at + 1, at, this.size);
    this.#sorted[at] = value;
    this.#weights[at] = weight;
    this.#weight += weight;
    this.#ring[this.#next] = value;
    this.#ringWeights[this.#next] = weight;
    this.#next = (this.#next + 1) % this.#ring.length;
    this.size++;
  }

  /** The oldest value leaves; there must be one. */
  drop(): void {
    const oldest = (this.#next - this.size + this.#ring.length) % this.#ring.length;
    this.#remove(this.#ring[oldest] as number, this.#ringWeights[oldest] as number);
  }

  /** The least value with `level` of the weight at or below it; NaN without values. */
  quantile(level: number): number {
    if (this.size === 0) return Number.NaN;
    const wanted = level * this.#weight;
    let sum = 0;
    for (let at = 0; at < this.size - 1; at++) {
      sum += this.#weights[at] as number;
      if (sum >= wanted) return this.#sorted[at] as number;
    }
    return this.#sorted[this.size - 1] as number;
  }

  /** The values and weights, oldest first. */
  values(): { readonly values: number[]; readonly weights: number[] } {
    const order = Array.from(
      { length: this.size },
      (_, age) => (this.#next - this.size + age + this.#ring.length) % this.#ring.length,
    );
    return {
      values: order.map((slot) => this.#ring[slot] as number),
      weights: order.map((slot) => this.#ringWeights[slot] as number),
    };
  }

  /** Where the first value not below `value` stands. */
  #place(value: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #remove(value: number, weight: number): void {
    let at = this.#place(value);
    while (this.#weights[at] !== weight && this.#sorted[at + 1] === value) at++;
    this.#sorted.copyWithin(at, at + 1, this.size);
    this.#weights.copyWithin(at, at + 1, this.size);
    this.#weight -= weight;
    this.size--;
  }
}
