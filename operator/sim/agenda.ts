/** Ends to come, earliest first: a binary heap. */
export class Agenda<T> {
  readonly #at: number[] = [];
  readonly #items: T[] = [];

  /** Time of the earliest item; Infinity when there is none. */
  get next(): number {
    return this.#at[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The earliest item, left where it is. */
  get first(): T | undefined {
    return this.#items[0];
  }

  add(at: number, item: T): void {
    let i = this.#at.push(at) - 1;
    this.#items.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((this.#at[parent] ?? 0) <= at) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Removes and returns the earliest item. */
  take(): T | undefined {
    const first = this.#items[0];
    const [lastAt, last] = [this.#at.pop(), this.#items.pop()];
    if (this.#items.length > 0 && lastAt !== undefined && last !== undefined) {
      this.#at[0] = lastAt;
      this.#items[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < this.#at.length && (this.#at[left] ?? 0) < (this.#at[least] ?? 0)) least = left;
      if (right < this.#at.length && (this.#at[right] ?? 0) < (this.#at[least] ?? 0)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(i: number, j: number): void {
    [this.#at[i], this.#at[j]] = [this.#at[j] as number, this.#at[i] as number];
    [this.#items[i], this.#items[j]] = [this.#items[j] as T, this.#items[i] as T];
  }
}
