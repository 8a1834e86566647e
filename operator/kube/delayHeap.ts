/** A binary heap of keys by due time; the earliest comes first. */
export class DelayHeap<K> {
  readonly #entries: { key: K; due: number }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  peek(): { key: K; due: number } | undefined {
    return this.#entries[0];
  }

  push(key: K, due: number): void {
    const entry = { key, due };
    let at = this.#entries.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = this.#entries[up];
      if (above === undefined || above.due <= due) break;
      this.#entries[at] = above;
      at = up;
    }
    this.#entries[at] = entry;
  }

  pop(): { key: K; due: number } | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (first !== undefined && last !== undefined && this.#entries.length > 0) this.#sink(last);
    return first;
  }

  /** Puts `entry` at the root and lets it sink to its place. */
  #sink(entry: { key: K; due: number }): void {
    let at = 0;
    for (;;) {
      const left = this.#entries[2 * at + 1];
      const right = this.#entries[2 * at + 2];
      const rightFirst = left !== undefined && right !== undefined && right.due < left.due;
      const below = rightFirst ? right : left;
      if (below === undefined || below.due >= entry.due) break;
      this.#entries[at] = below;
      at = 2 * at + (rightFirst ? 2 : 1);
    }
    this.#entries[at] = entry;
  }
}
