/** One pass over the waiting gangs: who starts, who gets a place in the timeline, and what keeps each of the others. */
import type { Start, StartedPart } from '../model.ts';
import { fits, type Holding } from './cells.ts';
import { domainTotals, largest } from './domains.ts';
import type { Cause, Entry } from './entry.ts';
import type { Verdict } from './never.ts';
import type { Ground } from './ground.ts';
import { holdingsAt, type Option, startedPart } from './option.ts';
import type { Policy } from './policy.ts';
import { Promises } from './promises.ts';
import { byEnd } from './running.ts';
import type { Scratch } from './scratch.ts';
import { spotsFor } from './spot.ts';
import { type Release, Walk } from './walk.ts';

export type PassOptions = {
  readonly ground: Ground;
  readonly policy: Policy;
  readonly now: number;
  /** In order. */
  readonly waiting: readonly Entry[];
  /** Ends of running gangs, in order. */
  readonly releases: readonly Release[];
  readonly judge: (entry: Entry) => Verdict | undefined;
  readonly scratch: Scratch;
};

/** A part that can start: where, and what it holds then. `run` in seconds. */
type Tried = { readonly part: StartedPart; readonly holdings: readonly Holding[]; readonly run: number };

export class Pass {
  readonly promises: Promises;
  readonly starts: Start[] = [];
  /** Gangs that do not start, in order. */
  readonly held: Entry[] = [];
  /** What the starts hold: taken from the cells by this pass, and to be given back when the next one begins. */
  readonly taken: Holding[] = [];
  readonly ground: Ground;
  readonly now: number;
  readonly #options: PassOptions;
  #releases: Release[] | undefined;
  readonly #places = new Map<string, number>();
  readonly #contended = new Set<string>();
  readonly #blockers = new Map<string, Entry>();

  constructor(options: PassOptions) {
    const { ground, now } = options;
    this.#options = options;
    this.ground = ground;
    this.now = now;
    this.promises = new Promises(ground.cells);
    this.#close();
    this.#run();
  }

  /** Maintenance is promised before anything else. While it lasts its nodes have no room. */
  #close(): void {
    for (const closure of this.ground.closures(this.now)) {
      this.promises.add(closure, this.ground.offers);
      if (closure.at <= this.now) this.#take(closure.holdings);
    }
  }

  /** Ends of the gangs that run and of those that this pass starts, in order. */
  get releases(): readonly Release[] {
    return this.#releases ?? this.#options.releases;
  }

  #run(): void {
    const { waiting, policy } = this.#options;
    let next = 0;
    while (next < waiting.length && this.#mayReserve) this.#consider(waiting[next++] as Entry);
    if (policy.candidates === 'score') {
      for (; next < waiting.length; next += 1) this.#consider(waiting[next] as Entry);
      return;
    }
    const rest = waiting.slice(next);
    for (const entry of rest) entry.settle(this.ground, this.#options.judge);
    const tried = this.#inStrictOrder([...rest].sort(policy.candidates === 'shortest' ? byRun : bySubmission), rest);
    const held = new Set(tried.filter((entry) => !this.#starts(entry)));
    this.held.push(...rest.filter((entry) => held.has(entry)));
  }

  /** The candidates as `tried` has them, but those of a strict queue among themselves as the order has them. */
  #inStrictOrder(tried: readonly Entry[], order: readonly Entry[]): readonly Entry[] {
    const strict = ({ gang: { queue } }: Entry) => this.ground.queues.get(queue)?.order === 'strict';
    const next = Map.groupBy(order.filter(strict).reverse(), ({ gang }) => gang.queue);
    return tried.map((entry) => (strict(entry) ? (next.get(entry.gang.queue)?.pop() ?? entry) : entry));
  }

  get #mayReserve(): boolean {
    const { reservations } = this.#options.policy;
    for (const pool of this.ground.pools.keys()) if ((this.#places.get(pool) ?? 0) < reservations) return true;
    return false;
  }

  #consider(entry: Entry): void {
    if (this.#starts(entry)) return;
    this.held.push(entry);
    if (entry.cause === 'lasting' || entry.cause === 'pause' || entry.cause === 'blocked') return;
    this.#reserve(entry);
  }

  /** Starts the gang if it can; else says what keeps it. */
  #starts(entry: Entry): boolean {
    const { ground, now, judge } = this.#options;
    entry.settle(ground, judge);
    entry.reservation = undefined;
    entry.blocker = this.#blockers.get(entry.gang.queue);
    const { notBefore } = entry.gang;
    if (entry.lasting) entry.cause = 'lasting';
    else if (notBefore !== undefined && notBefore > now) entry.cause = 'pause';
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
    const { queue } = entry.gang;
    if (this.ground.queues.get(queue)?.order === 'strict') this.#blockers.set(queue, entry);
    for (const options of entry.parts) for (const { nodes } of options) this.#contended.add(nodes.pool.name);
  }

  /**
   * Starts all parts, or says what keeps the first that cannot. Each is as wide as it can be; where that leaves too
   * little for the next, all are as narrow as they may be.
   */
  #try(entry: Entry): Cause | undefined {
    const cause = this.#tryParts(entry, true);
    const elastic = entry.gang.parts.length > 1 && entry.gang.parts.some((p) => p.maxMembers > p.minMembers);
    return cause !== undefined && elastic ? this.#tryParts(entry, false) : cause;
  }

  #tryParts(entry: Entry, widest: boolean): Cause | undefined {
    const parts: StartedPart[] = [];
    const holdings: Holding[] = [];
    let until = this.now;
    for (const options of entry.parts) {
      const tried = this.#tryPart(entry, options, widest);
      if (typeof tried === 'string') {
        this.#hold(holdings, until, -1);
        return tried;
      }
      // The next part meets what this one takes.
      until = this.now + tried.run;
      this.#hold(tried.holdings, until, 1);
      parts.push(tried.part);
      holdings.push(...tried.holdings);
    }
    this.taken.push(...holdings);
    const by = parts.some(({ pool }) => this.#contended.has(pool)) ? 'backfill' : 'head';
    const { uid } = entry.gang;
    this.starts.push({ uid, parts, by });
    this.#addRelease({ end: until, width: entry.scored.width, uid, holdings });
    return undefined;
  }

  /** The first option that works; else what keeps the part out of the first. */
  #tryPart(entry: Entry, options: readonly Option[], widest: boolean): Tried | Cause {
    let cause: Cause | undefined;
    for (const option of options) {
      const tried = this.#tryOption(entry, option, widest);
      if (typeof tried !== 'string') return tried;
      cause ??= tried;
    }
    return cause ?? 'room';
  }

  #hold(holdings: readonly Holding[], until: number, sign: 1 | -1): void {
    for (const holding of holdings) this.ground.cells.take(holding, sign);
    this.promises.occupy(holdings, this.now, until, sign);
  }

  #take(holdings: readonly Holding[]): void {
    for (const holding of holdings) this.ground.cells.take(holding);
    this.taken.push(...holdings);
  }

  #tryOption(entry: Entry, option: Option, widest: boolean): Tried | Cause {
    const { part, room, run, quotaCell, longCell } = option;
    const { minMembers: min, requiredTopology: required } = part;
    const until = this.now + run;
    const quota = this.#raw(quotaCell, option);
    if (quota < min) return 'quota';
    const held = entry.heldBack(option, this.now);
    const long = held ? this.#raw(longCell, option) : Number.POSITIVE_INFINITY;
    if (room.total < min) return 'room';
    if (required !== undefined && room.widest(required) < min) return 'domain';
    if (long < min) return 'held';
    const promised = Math.min(
      this.promises.usable(room, until),
      this.#promised(quotaCell, option, until),
      held ? this.#promised(longCell, option, until) : Number.POSITIVE_INFINITY,
    );
    if (promised < min) return 'promised';
    const members = widest ? Math.min(part.maxMembers, quota, long, promised) : min;
    const counts = this.promises.usableCounts(room, until);
    const width = required === undefined ? members : Math.min(members, this.#inOneDomain(option, counts, required));
    if (width < min) return 'promised';
    const shares = spotsFor(option, counts, width, this.ground, this.ground.cells.free);
    return {
      part: startedPart(option, shares, width, this.ground),
      holdings: holdingsAt(option, shares, width),
      run,
    };
  }

  #inOneDomain({ room }: Option, counts: Int32Array, key: string): number {
    const domains = this.ground.domains.of([key]);
    return largest(domains, domainTotals(domains, room.candidates.index, counts)).room;
  }

  /** Members that the account allows now; Infinity where there is none. */
  #raw(cell: number | undefined, { room }: Option): number {
    if (cell === undefined) return Number.POSITIVE_INFINITY;
    const { free, stride } = this.ground.cells;
    return fits(free, cell * stride, room.shape.need);
  }

  /** Members that what is promised of the account leaves to who stays until `until`. */
  #promised(cell: number | undefined, { room }: Option, until: number): number {
    return cell === undefined
      ? Number.POSITIVE_INFINITY
      : this.promises.least(cell, room.shape.need, this.now, until);
  }

  #addRelease(release: Release): void {
    this.#releases ??= [...this.#options.releases];
    const list = this.#releases;
    let at = list.length;
    while (at > 0 && byEnd(list[at - 1] as Release, release) > 0) at -= 1;
    list.splice(at, 0, release);
  }

  /** Gives the gang a place in the timeline, if one of its pools has one left. */
  #reserve(entry: Entry): void {
    const { policy, scratch } = this.#options;
    const pools = (name: string) => (this.#places.get(name) ?? 0) < policy.reservations;
    const walk = new Walk(this.ground, this.promises, entry, { now: this.now, scratch, pools });
    const promised = walk.earliest(this.releases);
    if (promised) {
      entry.reservation = promised;
      this.promises.add(promised, scratch.free);
    }
    scratch.restore();
    if (!promised) return;
    for (const pool of new Set(promised.parts.map(({ pool }) => pool))) {
      this.#places.set(pool, (this.#places.get(pool) ?? 0) + 1);
    }
  }
}

function byRun(a: Entry, b: Entry): number {
  return runOfEntry(a) - runOfEntry(b);
}

function bySubmission(a: Entry, b: Entry): number {
  return a.gang.submittedAt - b.gang.submittedAt;
}

/** Planned run time, where it would be tried first. */
function runOfEntry({ scored, parts }: Entry): number {
  return parts[0]?.[0]?.run ?? scored.run;
}
