/** Equal nodes with accelerators, and Helios's "consolidate" placement on them. */

/** Accelerators that a job has on one node. */
export type Share = { readonly node: number; readonly count: number };

export class Nodes {
  readonly size: number;
  readonly #free: number[];

  constructor(count: number, size: number) {
    this.size = size;
    this.#free = Array.from({ length: count }, () => size);
  }

  /**
   * Up to a node's size: the node with the fewest free that still fits, lowest index on ties. Wider: wholly free nodes of
   * the lowest index, and the rest by the same rule. Undefined where it does not fit; nothing is taken then.
   */
  place(width: number): readonly Share[] | undefined {
    const whole = width > this.size ? Math.floor(width / this.size) : 0;
    const rest = width - whole * this.size;
    const shares: Share[] = [];
    for (let node = 0; node < this.#free.length && shares.length < whole; node++) {
      if (this.#free[node] === this.size) shares.push({ node, count: this.size });
    }
    if (shares.length < whole) return undefined;
    if (rest > 0) {
      const node = this.#tightest(rest, new Set(shares.map((share) => share.node)));
      if (node === undefined) return undefined;
      shares.push({ node, count: rest });
    }
    for (const { node, count } of shares) this.#free[node] = (this.#free[node] as number) - count;
    return shares;
  }

  #tightest(width: number, taken: ReadonlySet<number>): number | undefined {
    let best: number | undefined;
    for (const [node, free] of this.#free.entries()) {
      if (free < width || taken.has(node)) continue;
      if (best === undefined || free < (this.#free[best] as number)) best = node;
      if (free === width) break;
    }
    return best;
  }

  release(shares: readonly Share[]): void {
    for (const { node, count } of shares) this.#free[node] = (this.#free[node] as number) + count;
  }

  get idle(): number {
    return this.#free.reduce((sum, free) => sum + free, 0);
  }
}
