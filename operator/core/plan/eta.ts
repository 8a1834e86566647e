/**
 * When waiting gangs should start. For those with a reservation it is the reservation; for the others it is where they
 * would come in the outlook of their pools, one after the other, as if each had a reservation but nodes did not matter.
 */
import type { Holding } from './cells.ts';
import type { Entry } from './entry.ts';
import type { Option } from './option.ts';
import { Outlook, STARTS, stepFrom, stepOf } from './outlook.ts';
import type { Pass } from './pass.ts';
import type { Room } from './room.ts';

/** What does not start now does so in the next step at the earliest. */
const FIRST = 1;

class Outlooks {
  readonly #pass: Pass;
  readonly #pools = new Map<string, Outlook>();
  readonly #accounts = new Map<number, Outlook>();
  /** For a room, a width and a run, a step before which it never fits: of the room ahead some is only ever taken. */
  readonly #hints = new Map<Room, Map<number, Map<number, number>>>();

  constructor(pass: Pass) {
    this.#pass = pass;
    const { cells, pools, nodes } = pass.ground;
    const row = (cell: number) => cells.free.subarray(cell * cells.stride, (cell + 1) * cells.stride);
    /** Outlooks that a cell counts in. */
    const of: Outlook[][] = Array.from({ length: cells.size }, () => []);
    for (const [name, pool] of pools) {
      const outlook = new Outlook(cells.stride);
      for (const index of pool.usable) outlook.begin(row(index));
      for (const index of pool.indices) of[index]?.push(outlook);
      this.#pools.set(name, outlook);
    }
    for (let cell = nodes.length; cell < cells.size; cell += 1) {
      const outlook = new Outlook(cells.stride);
      outlook.begin(row(cell));
      of[cell]?.push(outlook);
      this.#accounts.set(cell, outlook);
    }
    this.#foresee((holding, step, sign) => {
      for (const outlook of of[holding.cell] ?? []) outlook.shift(step, holding.need, sign * holding.members);
    });
    for (const outlook of [...this.#pools.values(), ...this.#accounts.values()]) outlook.settle();
  }

  /** Everything known of the time ahead: gangs end, promises begin and end. */
  #foresee(visit: (holding: Holding, step: number, sign: 1 | -1) => void): void {
    const { now, releases, promises } = this.#pass;
    for (const { end, holdings } of releases) {
      const step = stepFrom(end - now);
      for (const holding of holdings) visit(holding, step, 1);
    }
    for (const { at, until, holdings } of promises.list) {
      const [from, to] = [stepOf(Math.max(0, at - now)), stepFrom(until - now)];
      for (const holding of holdings) {
        if (at > now) visit(holding, from, -1);
        visit(holding, to, 1);
      }
    }
  }

  #of({ nodes, quotaCell }: Option): readonly Outlook[] {
    const pool = this.#pools.get(nodes.pool.name);
    const outlooks = pool ? [pool] : [];
    return quotaCell === undefined ? outlooks : [...outlooks, this.#accounts.get(quotaCell) as Outlook];
  }

  /** The first step from `from` on at which the option holds its fewest members for its run. */
  fit(option: Option, from: number): number {
    const { room, part, run } = option;
    const { need } = room.shape;
    if (!need.known) return STARTS.length;
    const hints = this.#hintsOf(room, part.minMembers);
    const outlooks = this.#of(option);
    let step = Math.max(from, hints.get(run) ?? FIRST);
    for (let moved = true; moved && step < STARTS.length; ) {
      moved = false;
      for (const [i, outlook] of outlooks.entries()) {
        const next = outlook.fit(step, need, part.minMembers, run);
        // The first outlook is the pool's, which all gangs share that use the room.
        if (i === 0 && step <= (hints.get(run) ?? FIRST)) hints.set(run, next);
        if (next > step) [step, moved] = [next, true];
      }
    }
    return step;
  }

  #hintsOf(room: Room, members: number): Map<number, number> {
    const widths = this.#hints.get(room) ?? new Map<number, Map<number, number>>();
    this.#hints.set(room, widths);
    const hints = widths.get(members) ?? new Map<number, number>();
    widths.set(members, hints);
    return hints;
  }

  take(option: Option, step: number): void {
    for (const outlook of this.#of(option))
      outlook.take(step, option.room.shape.need, option.part.minMembers, option.run);
  }
}

/** The first step at which all parts fit together, each in the pool that is free first. */
function together(entry: Entry, outlooks: Outlooks, from: number): readonly [step: number, options: readonly Option[]] {
  const only = entry.parts.length === 1 && entry.parts[0]?.length === 1 ? entry.parts[0] : undefined;
  if (only) return [outlooks.fit(only[0] as Option, from), only];
  let step = from;
  for (;;) {
    const chosen: Option[] = [];
    let latest = step;
    for (const options of entry.parts) {
      let best = STARTS.length;
      let found: Option | undefined;
      for (const option of options) {
        const at = outlooks.fit(option, step);
        if (at < best) [best, found] = [at, option];
      }
      if (found) chosen.push(found);
      latest = Math.max(latest, best);
    }
    if (latest === step || latest >= STARTS.length) return [latest, chosen];
    step = latest;
  }
}

/**
 * Planned starts by UID, seconds since the epoch, of those of the gangs that a pass left waiting of which one can be told:
 * what would be if nobody else came and all ran as long as they are planned for.
 */
export function plannedStarts(pass: Pass): ReadonlyMap<string, number> {
  const hopeful = pass.held.filter(({ lasting }) => !lasting);
  const planned = new Map<string, number>();
  if (hopeful.length === 0) return planned;
  const outlooks = new Outlooks(pass);
  /** In a strict queue nobody starts before who is ahead: the latest start so far, by queue. */
  const ahead = new Map<string, number>();
  for (const entry of hopeful) {
    const { uid, queue } = entry.gang;
    const earliest = Math.max(entry.gang.notBefore ?? pass.now, entry.strict ? (ahead.get(queue) ?? 0) : 0);
    const start = entry.reservation?.at ?? startFrom(earliest, entry, outlooks, pass.now);
    if (start === undefined) continue;
    planned.set(uid, start);
    // One that backs off lets those behind it past.
    if (entry.strict && entry.cause !== 'pause') ahead.set(queue, Math.max(ahead.get(queue) ?? 0, start));
  }
  return planned;
}

/** When the gang would come, `earliest` at the earliest; takes its room. Undefined beyond what the outlooks show. */
function startFrom(earliest: number, entry: Entry, outlooks: Outlooks, now: number): number | undefined {
  const from = stepFrom(Math.max(0, earliest - now));
  const [step, options] = together(entry, outlooks, Math.max(FIRST, from));
  if (step >= STARTS.length) return undefined;
  for (const option of options) outlooks.take(option, step);
  return Math.max(earliest, now + (STARTS[step] ?? 0));
}
