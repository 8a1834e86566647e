/** One pass over the waiting gangs: who starts, who gets a place in the timeline, and what keeps each of the others. */
import type { Start } from '../model.ts';
import { Attempts, type Tried } from './attempts.ts';
import type { Holding } from './cells.ts';
import type { Cause, Entry } from './entry.ts';
import type { Ground } from './ground.ts';
import { byAge } from './order.ts';
import type { Policy } from './policy.ts';
import { Promises } from './promises.ts';
import type { Room } from './room.ts';
import { byEnd } from './running.ts';
import type { Scratch } from './scratch.ts';
import type { Sites } from './sites.ts';
import { type Release, Walk } from './walk.ts';

export type PassOptions = {
  readonly sites: Sites;
  readonly policy: Policy;
  readonly now: number;
  /** In order. */
  readonly waiting: readonly Entry[];
  /** Ends of running gangs, in order; asked for only where somebody looks ahead. */
  readonly releases: () => readonly Release[];
  readonly scratch: Scratch;
};

/**
 * A pool gives no further place once so many of its nodes are promised, whatever the policy allows: what would lie behind
 * several fillings of the whole pool is days away, and each look so far ahead meets all promises before it. Policies that
 * reserve for all gangs are not bounded.
 */
const BOOKED_TIMES = 4;
const BOOKED_LEAST = 256;

const NO_CEILING = Number.POSITIVE_INFINITY;

type Started = {
  readonly entry: Entry;
  readonly parts: Tried[];
  readonly by: Start['by'];
  release: Release;
};

const holdingsOf = (parts: readonly Tried[]) => parts.flatMap(({ holdings }) => holdings);

export class Pass {
  readonly promises: Promises;
  readonly starts: readonly Start[];
  /** Gangs that do not start, in order. */
  readonly held: Entry[] = [];
  /** What the starts hold: taken from the cells by this pass, and to be given back when the next one begins. */
  readonly taken: Holding[] = [];
  readonly ground: Ground;
  readonly now: number;
  readonly #options: PassOptions;
  readonly #attempts: Attempts;
  readonly #started: Started[] = [];
  /** Ends of the gangs that this pass starts, and all ends in order as far as they were asked for. */
  readonly #added: Release[] = [];
  #releases: readonly Release[] | undefined;
  /** Places given in the timeline of each pool. */
  readonly #places = new Map<string, number>();
  /** Nodes promised in each pool, as often as they are. */
  readonly #booked = new Map<string, number>();
  /** Most members that a room will hold when everything has ended whose end is known, where a look ahead has shown it. */
  readonly #ceilings = new Map<Room, number>();
  /** Pools that a gang waits for. */
  readonly #contended = new Set<string>();
  /** The first gang of each strict queue that cannot start. */
  readonly #blockers = new Map<string, Entry>();

  constructor(options: PassOptions) {
    const { now } = options;
    const { ground } = options.sites;
    this.#options = options;
    this.ground = ground;
    this.now = now;
    this.promises = new Promises(ground.cells, now);
    this.#attempts = new Attempts(ground, this.promises, now, options.policy);
    this.#close();
    this.#run();
    this.#widen();
    this.starts = this.#started.map(({ entry, parts, by }) => {
      this.taken.push(...holdingsOf(parts));
      return { uid: entry.gang.uid, parts: parts.map(({ part }) => part), by };
    });
  }

  /** Ends of the gangs that run and of those that this pass starts, in order. */
  get releases(): readonly Release[] {
    this.#releases ??= [...this.#options.releases(), ...this.#added].sort(byEnd);
    return this.#releases;
  }

  /** Maintenance is promised before anything else. While it lasts its nodes have no room. */
  #close(): void {
    for (const closure of this.ground.closures(this.now)) {
      this.promises.add(closure, this.ground.offers);
      if (closure.at > this.now) continue;
      for (const holding of closure.holdings) this.ground.cells.take(holding);
      this.taken.push(...closure.holdings);
    }
  }

  #run(): void {
    const { waiting, policy, sites } = this.#options;
    let next = 0;
    while (next < waiting.length && this.#mayReserve) this.#consider(waiting[next++] as Entry);
    if (policy.candidates === 'score') {
      for (; next < waiting.length; next += 1) {
        const entry = waiting[next] as Entry;
        if (!this.#starts(entry)) this.held.push(entry);
      }
      return;
    }
    const rest = waiting.slice(next);
    for (const entry of rest) entry.settle(sites);
    const tried = inStrictOrder(rest.toSorted(policy.candidates === 'shortest' ? byRun : byAge), rest);
    const started = new Set<Entry>();
    for (const entry of tried) if (this.#starts(entry)) started.add(entry);
    for (const entry of rest) if (!started.has(entry)) this.held.push(entry);
  }

  get #mayReserve(): boolean {
    const { reservations } = this.#options.policy;
    if (reservations === 0) return false;
    for (const pool of this.ground.pools.keys()) if (this.#hasPlace(pool)) return true;
    return false;
  }

  #consider(entry: Entry): void {
    if (this.#starts(entry)) return;
    this.held.push(entry);
    if (entry.cause !== 'lasting' && entry.cause !== 'pause' && entry.cause !== 'blocked') this.#reserve(entry);
  }

  /** Starts the gang if it can; else says what keeps it. */
  #starts(entry: Entry): boolean {
    entry.settle(this.#options.sites);
    entry.reservation = undefined;
    entry.promisesBefore = this.promises.list.length;
    entry.blocker = entry.strict ? this.#blockers.get(entry.gang.queue) : undefined;
    const { notBefore } = entry.gang;
    if (entry.lasting) entry.cause = 'lasting';
    else if (notBefore !== undefined && notBefore > this.now) entry.cause = 'pause';
    else if (entry.blocker) entry.cause = 'blocked';
    else {
      const cause = this.#try(entry);
      if (cause === undefined) return true;
      entry.cause = cause;
      this.#contend(entry);
    }
    return false;
  }

  /** From here on, who starts in one of its pools goes before it; in a strict queue nobody does. */
  #contend(entry: Entry): void {
    if (entry.strict) this.#blockers.set(entry.gang.queue, entry);
    if (this.#contended.size === this.ground.pools.size) return;
    for (const options of entry.parts) for (const { nodes } of options) this.#contended.add(nodes.pool.name);
  }

  /** Starts all parts as narrow as they may be, or says what keeps the first that cannot. */
  #try(entry: Entry): Cause | undefined {
    // Most that wait in a full cluster are told so at a glance.
    const { only } = entry;
    if (only && only.room.total < only.part.minMembers) return 'room';
    const placed = this.#placeAll(entry, entry.partOrder);
    // One part may lie where another must: the other way round both may fit.
    const parts =
      typeof placed === 'string' && entry.parts.length > 1
        ? this.#placeAll(entry, entry.partOrder.toReversed())
        : placed;
    if (typeof parts === 'string') return typeof placed === 'string' ? placed : parts;
    const by = parts.some(({ option }) => this.#contended.has(option.nodes.pool.name)) ? 'backfill' : 'head';
    const release = this.#releaseOf(entry, parts);
    this.#started.push({ entry, parts, by, release });
    this.#addRelease(release);
    return undefined;
  }

  /** All parts, placed in `order`, and held; or what keeps the first that finds no room, and nothing is held. */
  #placeAll(entry: Entry, order: readonly number[]): Tried[] | Cause {
    const parts: Tried[] = [];
    for (const i of order) {
      const tried = this.#attempts.part(entry, entry.parts[i] ?? []);
      if (typeof tried === 'string') {
        for (const before of parts) if (before) this.#attempts.hold(before, -1);
        return tried;
      }
      // The next part meets what this one takes.
      this.#attempts.hold(tried, 1);
      parts[i] = tried;
    }
    return parts;
  }

  #releaseOf({ gang: { uid }, scored: { width } }: Entry, parts: readonly Tried[]): Release {
    const end = this.now + Math.max(...parts.map(({ run }) => run));
    return { end, width, uid, holdings: holdingsOf(parts) };
  }

  #addRelease(release: Release): void {
    this.#added.push(release);
    this.#releases = undefined;
  }

  /**
   * Widens what may be wider, in order, into what is left and not promised. Only now: a wide gang must not keep another
   * from starting or move a reservation. While others wait it keeps the room it has, which they were held against.
   */
  #widen(): void {
    for (const started of this.#started) {
      const { entry, parts } = started;
      const before = [...parts];
      parts.forEach((narrow, i) => {
        const { minMembers, maxMembers } = narrow.option.part;
        const wide = maxMembers > minMembers ? this.#wider(entry, narrow) : undefined;
        if (!wide) return;
        this.#attempts.hold(narrow, -1);
        this.#attempts.hold(wide, 1);
        parts[i] = wide;
      });
      if (parts.some((part, i) => part !== before[i])) this.#changeRelease(started);
    }
  }

  #wider(entry: Entry, narrow: Tried): Tried | undefined {
    const attempts = this.#attempts;
    // Parts end together: one that would run longer would hold the others too.
    if (this.#contended.size > 0 || entry.parts.length > 1) return attempts.extended(entry, narrow);
    attempts.hold(narrow, -1);
    const wide = attempts.option(entry, narrow.option, narrow.option.part.maxMembers);
    attempts.hold(narrow, 1);
    return typeof wide === 'string' ? undefined : wide;
  }

  #changeRelease(started: Started): void {
    this.#added.splice(this.#added.indexOf(started.release), 1);
    started.release = this.#releaseOf(started.entry, started.parts);
    this.#addRelease(started.release);
  }

  /** Gives the gang a place in the timeline, if one of its pools has one left. */
  #reserve(entry: Entry): void {
    const { scratch } = this.#options;
    const pools = (name: string) => this.#hasPlace(name);
    if (this.#isHopeless(entry)) return;
    const walk = new Walk(this.ground, this.promises, entry, { now: this.now, scratch, pools });
    const promised = walk.earliest(this.releases);
    if (promised) {
      entry.reservation = promised;
      this.promises.add(promised, scratch.free);
    }
    scratch.restore();
    if (!promised) for (const { option } of walk.lacking) this.#ceilings.set(option.room, option.part.minMembers - 1);
    const parts = promised?.parts ?? [];
    for (const pool of new Set(parts.map(({ pool }) => pool))) {
      this.#places.set(pool, (this.#places.get(pool) ?? 0) + 1);
    }
    for (const { pool, placements } of parts) {
      this.#booked.set(pool, (this.#booked.get(pool) ?? 0) + placements.length);
    }
  }

  #hasPlace(pool: string): boolean {
    const { reservations } = this.#options.policy;
    if ((this.#places.get(pool) ?? 0) >= reservations) return false;
    if (reservations === Number.POSITIVE_INFINITY) return true;
    const size = this.ground.pools.get(pool)?.size ?? 0;
    return (this.#booked.get(pool) ?? 0) < Math.max(BOOKED_LEAST, BOOKED_TIMES * size);
  }

  /** Whether a part is known not to fit anywhere even once everything has ended that has a known end. */
  #isHopeless(entry: Entry): boolean {
    return entry.parts.some((options) =>
      options.every(({ room, part }) => (this.#ceilings.get(room) ?? NO_CEILING) < part.minMembers),
    );
  }
}

/** The candidates as `tried` has them, but those of a strict queue among themselves as the order has them. */
function inStrictOrder(tried: readonly Entry[], order: readonly Entry[]): readonly Entry[] {
  const strict = order.filter((entry) => entry.strict).reverse();
  const next = Map.groupBy(strict, ({ gang }) => gang.queue);
  return tried.map((entry) => (entry.strict ? (next.get(entry.gang.queue)?.pop() ?? entry) : entry));
}

function byRun(a: Entry, b: Entry): number {
  return runOfEntry(a) - runOfEntry(b) || byAge(a, b);
}

/** Planned run time, where it would be tried first. */
function runOfEntry({ scored, parts }: Entry): number {
  return parts[0]?.[0]?.run ?? scored.run;
}
