/** Tries whether parts of gangs can start now: room, accounts and promises together. */
import type { StartedPart } from '../model.ts';
import { fits, type Holding } from './cells.ts';
import { domainTotals, largest } from './domains.ts';
import type { Cause, Entry } from './entry.ts';
import type { Ground } from './ground.ts';
import { holdingsAt, type Option, runAt, startedPart } from './option.ts';
import type { Share } from './place.ts';
import type { Policy } from './policy.ts';
import type { Promises } from './promises.ts';
import { spotsFor } from './spot.ts';

/** A part that can start: where, and what it holds then. `run` in seconds. */
export type Tried = {
  readonly option: Option;
  readonly shares: readonly Share[];
  readonly part: StartedPart;
  readonly holdings: readonly Holding[];
  readonly run: number;
};

const NO_LIMIT = Number.POSITIVE_INFINITY;

export class Attempts {
  readonly #ground: Ground;
  readonly #promises: Promises;
  readonly #now: number;
  readonly #policy: Policy;

  constructor(ground: Ground, promises: Promises, now: number, policy: Policy) {
    this.#ground = ground;
    this.#promises = promises;
    this.#now = now;
    this.#policy = policy;
  }

  /** Takes what the part holds, now and of what is promised; with `sign` -1 gives it back. */
  hold({ holdings, run }: Tried, sign: 1 | -1): void {
    for (const holding of holdings) this.#ground.cells.take(holding, sign);
    this.#promises.occupy(holdings, this.#now, this.#now + run, sign);
  }

  /** The first option that works at its fewest members; else what keeps the part out of the first. */
  part(entry: Entry, options: readonly Option[]): Tried | Cause {
    let cause: Cause | undefined;
    for (const option of options) {
      const tried = this.option(entry, option, option.part.minMembers);
      if (typeof tried !== 'string') return tried;
      cause ??= tried;
    }
    return cause ?? 'room';
  }

  /** Members, up to `most`, that can start now in the option; or what keeps its fewest from it. */
  option(entry: Entry, option: Option, most: number): Tried | Cause {
    const { part, room, run, quotaCell, longCell } = option;
    const { minMembers: min, requiredTopology: required } = part;
    if (room.total < min) return 'room';
    const quota = this.#raw(quotaCell, option);
    if (quota < min) return 'quota';
    const held = entry.heldBack(option, this.#now);
    const long = held ? this.#raw(longCell, option) : NO_LIMIT;
    if (required !== undefined && room.widest(required) < min) return 'domain';
    if (long < min) return 'held';
    return this.#place(option, Math.min(most, quota, long), run, held);
  }

  #place(option: Option, most: number, run: number, held: boolean): Tried | Cause {
    const { part, room } = option;
    const { minMembers: min, requiredTopology: required } = part;
    const left = this.#left(option, this.#now + run, held);
    if (left < min) return 'promised';
    const counts = this.#promises.usableCounts(room, this.#now + run, this.#ground.counts);
    const within = required === undefined ? left : this.#inOneDomain(option, counts, required);
    if (within < min) return 'promised';
    const members = Math.min(most, left, within);
    // A wider gang may run longer; then it has to fit for as long.
    const longer = members > min ? runAt(option, members, this.#policy) : run;
    if (longer > run) return this.#place(option, members, longer, held);
    const shares = spotsFor(option, counts, members, this.#ground, this.#ground.cells.free);
    return this.#tried(option, shares, run);
  }

  #tried(option: Option, shares: readonly Share[], run: number): Tried {
    let members = 0;
    for (const { count } of shares) members += count;
    const part = startedPart(option, shares, members, this.#ground);
    return { option, shares, run, part, holdings: holdingsAt(option, shares, members) };
  }

  /**
   * The part with as many members more as there is room for beside what it holds already, which it keeps; undefined if
   * there is none for any.
   */
  extended(entry: Entry, { option, shares, part, run }: Tried): Tried | undefined {
    const { room, quotaCell, longCell, topology } = option;
    const held = entry.heldBack(option, this.#now);
    const counts = this.#beside(option, shares, this.#now + run);
    let here = 0;
    for (const node of room.candidates.index) here += counts[node] ?? 0;
    const more = Math.min(
      option.part.maxMembers - part.members,
      here,
      this.#left(option, this.#now + run, held),
      this.#raw(quotaCell, option),
      held ? this.#raw(longCell, option) : NO_LIMIT,
    );
    if (more <= 0 || runAt(option, part.members + more, this.#policy) > run) return undefined;
    const anywhere = { ...option, topology: { keys: topology.keys } };
    const added = spotsFor(anywhere, counts, more, this.#ground, this.#ground.cells.free);
    return this.#tried(option, merged(shares, added), run);
  }

  /** Members that fit beside `shares` and in their domain, by node; a gang that spreads uses no node twice. */
  #beside({ room, part }: Option, shares: readonly Share[], until: number): Int32Array {
    const counts = this.#promises.usableCounts(room, until, this.#ground.counts).slice();
    if (part.spread) for (const { index } of shares) counts[index] = 0;
    if (part.requiredTopology === undefined) return counts;
    const { ids } = this.#ground.domains.of([part.requiredTopology]);
    const domain = ids[shares[0]?.index ?? 0];
    return counts.map((count, node) => (count > 0 && ids[node] !== domain ? 0 : count));
  }

  #inOneDomain({ room }: Option, counts: Int32Array, key: string): number {
    const domains = this.#ground.domains.of([key]);
    return largest(domains, domainTotals(domains, room.candidates.index, counts)).room;
  }

  /** Members that the account allows now; Infinity where there is none. */
  #raw(cell: number | undefined, { room }: Option): number {
    if (cell === undefined) return NO_LIMIT;
    const { free, stride } = this.#ground.cells;
    return fits(free, cell * stride, room.shape.need);
  }

  /** Members that fit now and that what is promised leaves to who stays until `until`. */
  #left(option: Option, until: number, held: boolean): number {
    const { room, quotaCell, longCell } = option;
    const of = (cell: number | undefined) =>
      cell === undefined ? NO_LIMIT : this.#promises.least(cell, room.shape.need, this.#now, until);
    return Math.min(this.#promises.usable(room, until), of(quotaCell), held ? of(longCell) : NO_LIMIT);
  }
}

function merged(shares: readonly Share[], added: readonly Share[]): readonly Share[] {
  const counts = new Map(shares.map(({ index, count }) => [index, count]));
  for (const { index, count } of added) counts.set(index, (counts.get(index) ?? 0) + count);
  return [...counts].map(([index, count]) => ({ index, count })).sort((a, b) => a.index - b.index);
}
