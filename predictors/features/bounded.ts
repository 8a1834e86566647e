/** A map of at most `most` entries: the one not used for longest leaves. */
export class Bounded<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** The entry, made where there is none, and now the last to leave. */
  touch(key: K, make: () => V): V {
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value as K);
    return value;
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  /** The entries, the first to leave first; each as `save` makes it. */
  save<S>(save: (value: V) => S): [K, S][] {
    return Array.from(this.#entries, ([key, value]) => [key, save(value)]);
  }

  /** Puts in what was saved, in the order saved. */
  load<S>(saved: readonly (readonly [K, S])[], load: (value: S) => V): void {
    for (const [key, value] of saved) this.touch(key, () => load(value));
  }
}
