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
  /** By cell. */
  readonly #accounts: Outlook[] = [];
  /** For a room, a width and a run, a step before which it never fits: of the room ahead some is only ever taken. */
  readonly #hints = new Map<Room, Map<number, Map<number, number>>>();

  constructor(pass: Pass) {
    this.#pass = pass;
    const { cells, pools, nodes } = pass.ground;
    /** Outlooks that a cell counts in. */
    const of: (readonly Outlook[])[] = [];
    for (const [name, pool] of pools) {
      const outlook = new Outlook(cells.stride);
      const alone = [outlook];
      for (const index of pool.usable) outlook.begin(cells.free, index);
      for (const index of pool.indices) of[index] = of[index] ? [...of[index], outlook] : alone;
      this.#pools.set(name, outlook);
    }
    for (let cell = nodes.length; cell < cells.size; cell += 1) {
      const outlook = new Outlook(cells.stride);
      outlook.begin(cells.free, cell);
      of[cell] = [outlook];
      this.#accounts[cell] = outlook;
    }
    this.#foresee((holding, step, sign) => {
      for (const outlook of of[holding.cell] ?? []) outlook.shift(step, holding.need, sign * holding.members);
    });
    for (const outlook of this.#pools.values()) outlook.settle();
    for (let cell = nodes.length; cell < cells.size; cell += 1) this.#accounts[cell]?.settle();
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

  #poolOf({ nodes }: Option): Outlook {
    return this.#pools.get(nodes.pool.name) as Outlook;
  }

  #accountOf({ quotaCell }: Option): Outlook | undefined {
    return quotaCell === undefined ? undefined : this.#accounts[quotaCell];
  }

  /** The first step from `from` on at which the option holds its fewest members for its run. */
  fit(option: Option, from: number): number {
    const { room, part, run } = option;
    const { need } = room.shape;
    if (!need.known) return STARTS.length;
    const [pool, account] = [this.#poolOf(option), this.#accountOf(option)];
    const hints = this.#hintsOf(room, part.minMembers);
    const hint = hints.get(run) ?? FIRST;
    const first = Math.max(from, hint);
    let step = pool.fit(first, need, part.minMembers, run);
    if (first === hint && step > hint) hints.set(run, step);
    if (!account) return step;
    for (;;) {
      const allowed = account.fit(step, need, part.minMembers, run);
      if (allowed === step) return step;
      step = pool.fit(allowed, need, part.minMembers, run);
    }
  }

  #hintsOf(room: Room, members: number): Map<number, number> {
    const widths = this.#hints.get(room) ?? new Map<number, Map<number, number>>();
    this.#hints.set(room, widths);
    const hints = widths.get(members) ?? new Map<number, number>();
    widths.set(members, hints);
    return hints;
  }

  take(option: Option, step: number): void {
    const { room, part, run } = option;
    this.#poolOf(option).take(step, room.shape.need, part.minMembers, run);
    this.#accountOf(option)?.take(step, room.shape.need, part.minMembers, run);
  }
}

/** The first step at which all parts fit together, each in the pool that is free first. */
function together(entry: Entry, outlooks: Outlooks, from: number): readonly [step: number, options: readonly Option[]] {
  if (entry.only) return [outlooks.fit(entry.only, from), [entry.only]];
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
