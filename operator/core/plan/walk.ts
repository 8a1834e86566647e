/**
 * Looks ahead for one gang: walks through the ends of running gangs and of promises, in order of time, until the gang
 * fits for as long as it should run without moving any promise.
 */
import { fits, type Holding } from './cells.ts';
import { type Domains, domainTotals } from './domains.ts';
import type { Entry } from './entry.ts';
import type { Ground } from './ground.ts';
import { holdingsAt, type Option, startedPart } from './option.ts';
import type { Share } from './place.ts';
import type { Promised, Promises, Turn } from './promises.ts';
import type { Scratch } from './scratch.ts';
import { spotsFor } from './spot.ts';

/** The end of a gang that runs. */
export type Release = {
  readonly end: number;
  readonly width: number;
  readonly uid: string;
  readonly holdings: readonly Holding[];
};

/** One option as it is followed through time: what its nodes could take now and until the gang would end. */
type Track = {
  readonly option: Option;
  readonly counts: Int32Array;
  total: number;
  /** Where one domain must hold all: members that fit in each, and how many domains hold enough. */
  readonly domains: (Domains & { readonly totals: Float64Array }) | undefined;
  wide: number;
  /** Promises, of those by their beginning, that the gang would run into if it started at the time looked at. */
  seen: number;
};

type Chosen = { readonly option: Option; readonly shares: readonly Share[]; readonly members: number };

const NEVER = Number.POSITIVE_INFINITY;

export class Walk {
  readonly #ground: Ground;
  readonly #promises: Promises;
  readonly #now: number;
  readonly #entry: Entry;
  readonly #scratch: Scratch;
  #walked = false;
  /** Tracks made so far: each counts in room of its own. */
  #made = 0;
  readonly #parts: readonly (readonly Track[])[];
  readonly #tracks: readonly Track[];

  constructor(ground: Ground, promises: Promises, entry: Entry, { now, scratch, pools }: WalkOptions) {
    this.#ground = ground;
    this.#promises = promises;
    this.#now = now;
    this.#entry = entry;
    this.#scratch = scratch;
    scratch.catchUp();
    this.#parts = entry.parts.map((options) =>
      options.filter(({ nodes }) => pools(nodes.pool.name)).map((option) => this.#track(option)),
    );
    this.#tracks = this.#parts.flat();
  }

  #track(option: Option): Track {
    const { room, part, run } = option;
    const counts = this.#scratch.counts(this.#made).subarray(0, this.#ground.nodes.length);
    this.#made += 1;
    const usable = this.#promises.usableCounts(room, this.#now + run, counts);
    if (usable !== counts) counts.set(usable);
    const total = this.#promises.usable(room, this.#now + run);
    const track: Track = { option, counts, total, domains: undefined, wide: 0, seen: 0 };
    const { requiredTopology: key } = part;
    if (key === undefined) return track;
    const table = this.#ground.domains.of([key]);
    const totals = domainTotals(table, room.candidates.index, counts);
    return { ...track, domains: { ...table, totals }, wide: totals.filter((total) => total >= part.minMembers).length };
  }

  /** The earliest room for the gang; undefined if it fits at no known time. `releases` by end, in the order in which they count. */
  earliest(releases: readonly Release[]): Promised | undefined {
    if (this.#parts.some((tracks) => tracks.length === 0)) return undefined;
    this.#walked = true;
    const { turns } = this.#promises;
    let [release, turn] = [0, 0];
    for (;;) {
      const at = Math.min(releases[release]?.end ?? NEVER, turns[turn]?.at ?? NEVER);
      if (at === NEVER) return undefined;
      this.#sight(at);
      turn = this.#turn(turns, turn, at);
      // One after the other: what ends in the same second but is not needed stays free for others.
      do {
        const ended = releases[release];
        if (ended?.end === at) {
          this.#move(ended.holdings, 1, at);
          release += 1;
        }
        const found = this.#settle(at);
        if (found) return found;
      } while (releases[release]?.end === at);
    }
  }

  /** Tracks that have too little room at the time the walk has come to: at its end, when everything has ended. */
  get lacking(): readonly { readonly option: Option }[] {
    return !this.#walked ? [] : this.#tracks.filter(({ option, total }) => total < option.part.minMembers);
  }

  /** Counts the promises that a gang starting at `at` would run into and one starting before would not. */
  #sight(at: number): void {
    const { byBeginning } = this.#promises;
    for (const track of this.#tracks) {
      const { run } = track.option;
      for (let next = byBeginning[track.seen]; next && next.at - run < at; next = byBeginning[track.seen]) {
        track.seen += 1;
        // What the gang meets from now on was counted before if it would have met it at the plan's own time.
        if (next.at - run < this.#now) continue;
        for (const { cell } of next.promised.holdings) this.#recountCell(track, cell, at);
      }
    }
  }

  /** Makes the turns of the time `at`; the next to make. */
  #turn(turns: readonly Turn[], from: number, at: number): number {
    let next = from;
    for (let turn = turns[next]; turn?.at === at; turn = turns[next]) {
      this.#move(turn.promised.holdings, turn.sign, at);
      next += 1;
    }
    return next;
  }

  #move(holdings: readonly Holding[], sign: 1 | -1, at: number): void {
    for (const holding of holdings) this.#scratch.move(holding, sign);
    for (const track of this.#tracks) for (const { cell } of holdings) this.#recountCell(track, cell, at);
  }

  #recountCell(track: Track, cell: number, at: number): void {
    const before = track.counts[cell] ?? -1;
    if (before < 0) return;
    const { room, run, part } = track.option;
    const raw = room.fitting(this.#scratch.free, cell);
    const count = raw === 0 ? 0 : Math.min(raw, this.#promises.least(cell, room.shape.need, at, at + run));
    if (count === before) return;
    track.counts[cell] = count;
    track.total += count - before;
    const { domains } = track;
    if (!domains) return;
    const domain = domains.ids[cell] ?? 0;
    if (!domains.labelled[domain]) return;
    const had = domains.totals[domain] ?? 0;
    domains.totals[domain] = had + count - before;
    track.wide += Number(had + count - before >= part.minMembers) - Number(had >= part.minMembers);
  }

  #fits({ option, total, domains, wide }: Track, at: number): boolean {
    const { minMembers } = option.part;
    if (total < minMembers || (domains && wide === 0)) return false;
    return this.#account(option.quotaCell, option, at) && this.#accountOfLong(option, at);
  }

  /** Whether each part would fit if the others did not need room too. */
  #mayFit(at: number): boolean {
    for (const tracks of this.#parts) {
      let fits = false;
      for (const track of tracks) fits ||= this.#fits(track, at);
      if (!fits) return false;
    }
    return true;
  }

  #accountOfLong(option: Option, at: number): boolean {
    return !this.#entry.heldBack(option, at) || this.#account(option.longCell, option, at);
  }

  #account(cell: number | undefined, { room, part, run }: Option, at: number): boolean {
    if (cell === undefined) return true;
    const { need } = room.shape;
    const raw = fits(this.#scratch.free, cell * this.#ground.cells.stride, need);
    return raw >= part.minMembers && this.#promises.least(cell, need, at, at + run) >= part.minMembers;
  }

  /** All parts at this time, if they fit together. */
  #settle(at: number): Promised | undefined {
    if (!this.#mayFit(at)) return undefined;
    const { partOrder } = this.#entry;
    const chosen =
      this.#together(at, partOrder) ?? (partOrder.length > 1 ? this.#together(at, partOrder.toReversed()) : undefined);
    if (!chosen) return undefined;
    const until = at + Math.max(...chosen.map(({ option }) => option.run));
    const parts = chosen.map(({ option, shares, members }) => startedPart(option, shares, members, this.#ground));
    const holdings = chosen.flatMap(({ option, shares, members }) => holdingsAt(option, shares, members));
    return { owner: this.#entry, at, until, parts, holdings };
  }

  #together(at: number, order: readonly number[]): readonly Chosen[] | undefined {
    const chosen: Chosen[] = [];
    const held: Holding[] = [];
    let run = 0;
    for (const i of order) {
      const found = this.#choose(this.#parts[i] ?? [], at);
      if (!found) break;
      chosen[i] = found;
      if (order.length === 1) break;
      const holdings = holdingsAt(found.option, found.shares, found.members);
      run = found.option.run;
      held.push(...holdings);
      this.#hold(holdings, run, at, 1);
    }
    if (held.length > 0) this.#hold(held, run, at, -1);
    return order.every((i) => chosen[i]) ? chosen : undefined;
  }

  /** The next part meets what this one takes, now and of what is promised; with `sign` -1 it is given back. */
  #hold(holdings: readonly Holding[], run: number, at: number, sign: 1 | -1): void {
    this.#promises.occupy(holdings, at, at + run, sign);
    this.#move(holdings, sign === 1 ? -1 : 1, at);
  }

  #choose(tracks: readonly Track[], at: number): Chosen | undefined {
    for (const track of tracks) {
      if (!this.#fits(track, at)) continue;
      const { option, counts } = track;
      const members = option.part.minMembers;
      const shares = spotsFor(option, counts, members, this.#ground, this.#scratch.free);
      if (shares.length > 0) return { option, shares, members };
    }
    return undefined;
  }
}

type WalkOptions = {
  readonly now: number;
  /** What is free, at the time that the walk has come to. Left as it was found there, for the caller to read and restore. */
  readonly scratch: Scratch;
  /** Whether a place in this pool's timeline may still be given. */
  readonly pools: (name: string) => boolean;
};
