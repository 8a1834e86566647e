/**
 * What a room that is free now loses to who stays longer: members by promise and cell. Kept up as promises are made and
 * gangs start, since thousands of gangs are held against it in one plan.
 */
import { fits } from './cells.ts';
import { type Domains, domainTotals } from './domains.ts';
import type { Promises } from './promises.ts';
import type { Room } from './room.ts';

/** Members lost past the beginning of the promise with this number. */
type Loss = { readonly number: number; readonly at: number; readonly lost: number };

export class Losses {
  readonly #promises: Promises;
  readonly #room: Room;
  readonly #byCell = new Map<number, readonly Loss[]>();
  /** Members lost on all cells, by promise. */
  readonly #totals: number[] = [];
  /** The same summed up over the promises by their beginning; undefined since something has changed. */
  #sums: { readonly at: number; readonly lost: number }[] | undefined;
  #seen = 0;

  constructor(promises: Promises, room: Room) {
    this.#promises = promises;
    this.#room = room;
    for (const cell of promises.pinched) this.#measure(cell);
    this.#seen = promises.touched.length;
  }

  #refresh(): void {
    const { touched } = this.#promises;
    if (this.#seen === touched.length) return;
    for (; this.#seen < touched.length; this.#seen += 1) this.#measure(touched[this.#seen] ?? 0);
  }

  #measure(cell: number): void {
    this.#sums = undefined;
    for (const { number, lost } of this.#byCell.get(cell) ?? []) {
      this.#totals[number] = (this.#totals[number] ?? 0) - lost;
    }
    const { need } = this.#room.shape;
    let left = this.#room.counts[cell] ?? -1;
    const losses: Loss[] = [];
    for (const { at, number, free } of left > 0 ? this.#promises.at(cell) : []) {
      const count = Math.min(left, fits(free, 0, need));
      if (count < left) {
        losses.push({ number, at, lost: left - count });
        this.#totals[number] = (this.#totals[number] ?? 0) + left - count;
      }
      left = count;
      if (left === 0) break;
    }
    if (losses.length > 0) this.#byCell.set(cell, losses);
    else this.#byCell.delete(cell);
  }

  /** Members lost to who stays until `until`. */
  total(until: number): number {
    this.#refresh();
    this.#sums ??= this.#summedUp();
    let low = 0;
    let high = this.#sums.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sums[middle]?.at ?? until) < until) low = middle + 1;
      else high = middle;
    }
    return this.#sums[low - 1]?.lost ?? 0;
  }

  #summedUp(): { readonly at: number; readonly lost: number }[] {
    const sums: { readonly at: number; readonly lost: number }[] = [];
    let lost = 0;
    for (const { at, number } of this.#promises.byBeginning) {
      lost += this.#totals[number] ?? 0;
      if (this.#totals[number]) sums.push({ at, lost });
    }
    return sums;
  }

  /** `counts` with the losses of who stays until `until` taken off: in `into`, or as they are where nothing is lost. */
  applied(counts: Int32Array, until: number, into: Int32Array): Int32Array {
    this.#refresh();
    if (this.#byCell.size === 0) return counts;
    into.set(counts);
    this.#byCell.forEach((losses, cell) => {
      for (const { at, lost } of losses) if (at < until) into[cell] = (into[cell] ?? 0) - lost;
    });
    return into;
  }

  /**
   * Number of the promise, of those numbered below `below`, past whose beginning the room no longer has `members` together
   * in one of the `domains`, where they are given; undefined if it always has.
   */
  binding(below: number, members: number, domains?: Domains): number | undefined {
    this.#refresh();
    const needed = { members, domains };
    const first = domains ? this.#firstToLack([...this.#byCell], below, needed) : this.#firstInAll(below, members);
    return first ?? this.#firstToLack(this.#lostTo(below), below, needed);
  }

  /** By the totals alone, which are at hand: thousands of gangs may ask. */
  #firstInAll(below: number, members: number): number | undefined {
    let left = this.#room.total;
    for (const { number } of this.#promises.byBeginning) {
      if (number < below) left -= this.#totals[number] ?? 0;
      if (left < members) return number;
    }
    return undefined;
  }

  #firstToLack(
    lost: readonly (readonly [cell: number, losses: readonly Loss[]])[],
    below: number,
    { members, domains }: { readonly members: number; readonly domains: Domains | undefined },
  ): number | undefined {
    const domainOf = (cell: number) => domains?.ids[cell] ?? 0;
    const { total, candidates, counts } = this.#room;
    const left = domains ? domainTotals(domains, candidates.index, counts) : Float64Array.of(total);
    const byPromise = new Map<number, (readonly [domain: number, lost: number])[]>();
    for (const [cell, losses] of lost) {
      for (const loss of losses) {
        const list = byPromise.get(loss.number) ?? [];
        list.push([domainOf(cell), loss.lost]);
        byPromise.set(loss.number, list);
      }
    }
    for (const { number } of this.#promises.byBeginning) {
      const taken = number < below ? byPromise.get(number) : undefined;
      if (!taken) continue;
      for (const [domain, count] of taken) left[domain] = (left[domain] ?? 0) - count;
      if (left.every((room) => room < members)) return number;
    }
    return undefined;
  }

  /** What is lost to the promises below `below` alone: those made later, but beginning sooner, hide some of it. */
  #lostTo(below: number): readonly (readonly [cell: number, losses: readonly Loss[]])[] {
    const lost: [number, Loss[]][] = [];
    const { need } = this.#room.shape;
    for (const cell of this.#promises.pinched) {
      let left = this.#room.counts[cell] ?? -1;
      const losses: Loss[] = [];
      for (const { at, number, free } of left > 0 ? this.#promises.at(cell) : []) {
        const count = number < below ? Math.min(left, fits(free, 0, need)) : left;
        if (count < left) losses.push({ at, number, lost: left - count });
        left = count;
      }
      if (losses.length > 0) lost.push([cell, losses]);
    }
    return lost;
  }
}
