/** Times at which things have to be looked at again although nobody touches them. */
export class Deadlines {
  readonly #at = new Map<string, number>();
  /** No deadline is earlier; Infinity where there is none. */
  #earliest = Number.POSITIVE_INFINITY;

  /** The one deadline of `key`, seconds since the epoch; undefined: it has none. */
  set(key: string, at: number | undefined): void {
    if (at === undefined) {
      this.#at.delete(key);
      return;
    }
    this.#at.set(key, at);
    this.#earliest = Math.min(this.#earliest, at);
  }

  /** The earliest deadline, or a time before it; Infinity where there is none. */
  get next(): number {
    return this.#at.size === 0 ? Number.POSITIVE_INFINITY : this.#earliest;
  }

  /** Takes the keys whose time has come. They are few at any time, so that all are looked at. */
  take(now: number): readonly string[] {
    if (now < this.#earliest) return [];
    const due: string[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [key, at] of this.#at) {
      if (at <= now) due.push(key);
      else this.#earliest = Math.min(this.#earliest, at);
    }
    for (const key of due) this.#at.delete(key);
    return due;
  }
}
