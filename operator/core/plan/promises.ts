/**
 * Room that is promised: to gangs that hold a reservation, and to maintenance. A promise is kept by watching the moments
 * at which it begins. Until then room only grows, as running gangs end, so a cell is scarce at those moments or never:
 * each is a pinch with what would still be free then, and who takes room past a pinch must fit into it.
 */
import type { StartedPart } from '../model.ts';
import { type Cells, fits, type Holding, move, type Need } from './cells.ts';
import type { Room } from './room.ts';

/** Room held from `at` to `until`, seconds since the epoch. */
export type Promised = {
  /** Of the gang; absent: maintenance. */
  readonly uid?: string;
  readonly at: number;
  readonly until: number;
  readonly parts: readonly StartedPart[];
  readonly holdings: readonly Holding[];
};

/** `free`: the amounts of the cell at that moment, with all that is promised taken off. */
type Pinch = { readonly at: number; readonly by: Promised; readonly free: Float64Array };

/** Members that a room loses to those who stay past `at[i]`: `lost[i]` of them, growing. */
type Losses = { readonly stamp: number; readonly at: readonly number[]; readonly lost: readonly number[] };

const NONE: readonly Pinch[] = [];

export class Promises {
  /** In the order in which they were made. */
  readonly list: Promised[] = [];
  readonly #pinches = new Map<number, Pinch[]>();
  readonly #cells: Cells;
  readonly #losses = new WeakMap<Room, Losses>();
  #stamp = 0;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** Whether nothing is promised on any cell. */
  get empty(): boolean {
    return this.#pinches.size === 0;
  }

  /** Cells on which something is promised. */
  get pinched(): IterableIterator<number> {
    return this.#pinches.keys();
  }

  /**
   * Adds a promise. `free` are the amounts of all cells at its beginning, with everything that holds room then taken off
   * but the promise itself.
   */
  add(promised: Promised, free: Float64Array): void {
    const { at, until, holdings } = promised;
    this.occupy(holdings, at, until);
    const { stride } = this.#cells;
    const rows = new Map<number, Float64Array>();
    for (const holding of holdings) {
      const { cell } = holding;
      const row = rows.get(cell) ?? free.slice(cell * stride, (cell + 1) * stride);
      rows.set(cell, row);
      move(row, 0, holding, -1);
    }
    for (const [cell, row] of rows) {
      const pinches = this.#pinches.get(cell) ?? [];
      pinches.push({ at, by: promised, free: row });
      pinches.sort((a, b) => a.at - b.at);
      this.#pinches.set(cell, pinches);
    }
    this.list.push(promised);
    this.#stamp += 1;
  }

  /** Takes room, from `from` to `until`, off every pinch between; with `sign` -1 gives it back. */
  occupy(holdings: readonly Holding[], from: number, until: number, sign = 1): void {
    this.#stamp += 1;
    for (const holding of holdings) {
      for (const { at, free } of this.#pinches.get(holding.cell) ?? NONE) {
        if (at > from && at < until) move(free, 0, holding, -sign);
      }
    }
  }

  /** Members with `need` that the cell can take at every pinch after `from` and before `until`; Infinity without one. */
  least(cell: number, need: Need, from: number, until: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { at, free } of this.#pinches.get(cell) ?? NONE) {
      if (at > from && at < until) least = Math.min(least, fits(free, 0, need));
    }
    return least;
  }

  /** The first promise that leaves the cell no room for one more member beyond `until`, if any does. */
  inTheWay(cell: number, need: Need, until: number): Promised | undefined {
    return (this.#pinches.get(cell) ?? NONE).find(({ at, free }) => at < until && fits(free, 0, need) === 0)?.by;
  }

  /** Members that fit now and may stay until `until`, on all nodes of the room together. */
  usable(room: Room, until: number): number {
    const { total } = room;
    if (this.#pinches.size === 0 || total === 0) return total;
    const { at, lost } = this.#lossesOf(room);
    let low = 0;
    let high = at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((at[middle] ?? 0) < until) low = middle + 1;
      else high = middle;
    }
    return total - (lost[low - 1] ?? 0);
  }

  #lossesOf(room: Room): Losses {
    const known = this.#losses.get(room);
    if (known?.stamp === this.#stamp) return known;
    const drops: { at: number; lost: number }[] = [];
    const { counts, shape } = room;
    for (const [cell, pinches] of this.#pinches) {
      let left = counts[cell] ?? -1;
      for (const { at, free } of left > 0 ? pinches : NONE) {
        const count = Math.min(left, fits(free, 0, shape.need));
        if (count < left) drops.push({ at, lost: left - count });
        left = count;
      }
    }
    drops.sort((a, b) => a.at - b.at);
    let sum = 0;
    const lost = drops.map((drop) => (sum += drop.lost));
    const losses = { stamp: this.#stamp, at: drops.map(({ at }) => at), lost };
    this.#losses.set(room, losses);
    return losses;
  }

  /** Members by node that fit now and may stay until `until`; -1 where the node is no candidate. Not to be changed. */
  usableCounts(room: Room, now: number, until: number): Int32Array {
    const { counts, shape } = room;
    if (this.#pinches.size === 0) return counts;
    const usable = counts.slice();
    for (const cell of this.#pinches.keys()) {
      const count = usable[cell] ?? -1;
      if (count > 0) usable[cell] = Math.min(count, this.least(cell, shape.need, now, until));
    }
    return usable;
  }
}
