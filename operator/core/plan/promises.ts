/**
 * Room that is promised: to gangs that hold a reservation, and to maintenance. A promise is kept by watching the moments
 * at which it begins. Until then room only grows, as running gangs end, so a cell is scarce at those moments or never:
 * each is a pinch with what would still be free then, and who takes room past a pinch must fit into it.
 */
import type { StartedPart } from '../model.ts';
import { type Cells, fits, type Holding, move, type Need } from './cells.ts';
import type { Entry } from './entry.ts';
import { Losses } from './losses.ts';
import type { Room } from './room.ts';

/** Room held from `at` to `until`, seconds since the epoch. */
export type Promised = {
  /** Whose it is; absent: maintenance. */
  readonly owner?: Entry;
  readonly at: number;
  readonly until: number;
  readonly parts: readonly StartedPart[];
  readonly holdings: readonly Holding[];
};

/** The promise with this number begins. `free`: the amounts of the cell then, with all that is promised taken off. */
export type Pinch = { readonly at: number; readonly number: number; readonly free: Float64Array };

/** A promise begins (its room is taken, sign -1) or ends (it is given back, sign 1). */
export type Turn = { readonly at: number; readonly promised: Promised; readonly sign: 1 | -1 };

const NONE: readonly Pinch[] = [];

/** Where in `list`, which is sorted by time, something of the time `at` comes behind all of its own time. */
function placeOf(list: readonly { readonly at: number }[], at: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Promises {
  /** In the order in which they were made; a promise is known by its place. */
  readonly list: Promised[] = [];
  /** The promises by the time at which they begin, and all their turns after the plan's own time, by time. */
  readonly byBeginning: { readonly at: number; readonly number: number; readonly promised: Promised }[] = [];
  readonly turns: Turn[] = [];
  /** Cells with a pinch of which something has changed, in order: lets what is derived follow the changes. */
  readonly touched: number[] = [];
  readonly #pinches = new Map<number, Pinch[]>();
  readonly #stride: number;
  readonly #now: number;
  readonly #losses = new Map<Room, Losses>();

  constructor(cells: Cells, now: number) {
    this.#stride = cells.stride;
    this.#now = now;
  }

  /** The pinches of a cell by time. */
  at(cell: number): readonly Pinch[] {
    return this.#pinches.get(cell) ?? NONE;
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
    const number = this.list.push(promised) - 1;
    this.byBeginning.splice(placeOf(this.byBeginning, at), 0, { at, number, promised });
    if (at > this.#now) this.#turn({ at, promised, sign: -1 });
    this.#turn({ at: until, promised, sign: 1 });
    this.occupy(holdings, at, until);
    const rows = new Map<number, Float64Array>();
    for (const holding of holdings) {
      const { cell } = holding;
      const row = rows.get(cell) ?? free.slice(cell * this.#stride, (cell + 1) * this.#stride);
      rows.set(cell, row);
      move(row, 0, holding, -1);
    }
    for (const [cell, row] of rows) {
      const pinches = this.#pinches.get(cell) ?? [];
      pinches.splice(placeOf(pinches, at), 0, { at, number, free: row });
      this.#pinches.set(cell, pinches);
      this.touched.push(cell);
    }
  }

  #turn(turn: Turn): void {
    this.turns.splice(placeOf(this.turns, turn.at), 0, turn);
  }

  /** Takes room, from `from` to `until`, off every pinch between; with `sign` -1 gives it back. */
  occupy(holdings: readonly Holding[], from: number, until: number, sign = 1): void {
    if (this.#pinches.size === 0) return;
    for (const holding of holdings) {
      const pinches = this.#pinches.get(holding.cell);
      if (!pinches) continue;
      for (const { at, free } of pinches) if (at > from && at < until) move(free, 0, holding, -sign);
      this.touched.push(holding.cell);
    }
  }

  /** Members with `need` that the cell can take at every pinch after `from` and before `until`; Infinity without one. */
  least(cell: number, need: Need, from: number, until: number): number {
    let least = Number.POSITIVE_INFINITY;
    const pinches = this.#pinches.get(cell);
    if (!pinches) return least;
    for (let i = placeOf(pinches, from); i < pinches.length; i += 1) {
      const pinch = pinches[i] as Pinch;
      if (pinch.at >= until) break;
      least = Math.min(least, fits(pinch.free, 0, need));
    }
    return least;
  }

  /** What the room loses, cell by cell, to those who would stay past the beginning of promises. */
  lossesOf(room: Room): Losses {
    const known = this.#losses.get(room);
    if (known) return known;
    const losses = new Losses(this, room);
    this.#losses.set(room, losses);
    return losses;
  }

  /** Members that fit now and may stay until `until`, on all nodes of the room together. */
  usable(room: Room, until: number): number {
    const { total } = room;
    return this.#pinches.size === 0 || total === 0 ? total : total - this.lossesOf(room).total(until);
  }

  /**
   * Members by node that fit now and may stay until `until`; -1 where the node is no candidate. Worked out in `into` where
   * anything is lost; not to be changed otherwise.
   */
  usableCounts(room: Room, until: number, into: Int32Array): Int32Array {
    const { counts } = room;
    return this.#pinches.size === 0 ? counts : this.lossesOf(room).applied(counts, until, into);
  }
}
