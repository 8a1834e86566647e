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
type Tried = {
  readonly option: Option;
  readonly part: StartedPart;
  readonly holdings: readonly Holding[];
  readonly run: number;
};

type Started = { readonly entry: Entry; readonly parts: Tried[]; readonly by: Start['by'] };

const holdingsOf = (parts: readonly Tried[]) => parts.flatMap(({ holdings }) => holdings);

export class Pass {
  readonly promises: Promises;
  readonly #started: Started[] = [];
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
    this.#widen();
    for (const { parts } of this.#started) this.taken.push(...holdingsOf(parts));
  }

  get starts(): readonly Start[] {
    return this.#started.map(({ entry, parts, by }) => ({ uid: entry.gang.uid, parts: parts.map(({ part }) => part), by }));
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
    const strict = order.filter((entry) => entry.strict).reverse();
    const next = Map.groupBy(strict, ({ gang }) => gang.queue);
    return tried.map((entry) => (entry.strict ? (next.get(entry.gang.queue)?.pop() ?? entry) : entry));
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
    entry.blocker = entry.strict ? this.#blockers.get(entry.gang.queue) : undefined;
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
    if (entry.strict) this.#blockers.set(entry.gang.queue, entry);
    if (this.#contended.size === this.ground.pools.size) return;
    for (const options of entry.parts) for (const { nodes } of options) this.#contended.add(nodes.pool.name);
  }

  /** Starts all parts as narrow as they may be, or says what keeps the first that cannot. */
  #try(entry: Entry): Cause | undefined {
    const parts: Tried[] = [];
    for (const options of entry.parts) {
      const tried = this.#tryPart(entry, options);
      if (typeof tried === 'string') {
        for (const before of parts) this.#hold(before, -1);
        return tried;
      }
      // The next part meets what this one takes.
      this.#hold(tried, 1);
      parts.push(tried);
    }
    const by = parts.some(({ option }) => this.#contended.has(option.nodes.pool.name)) ? 'backfill' : 'head';
    this.#started.push({ entry, parts, by });
    this.#addRelease({ end: this.#endOf(parts), width: entry.scored.width, uid: entry.gang.uid, holdings: holdingsOf(parts) });
    return undefined;
  }

  #endOf(parts: readonly Tried[]): number {
    return this.now + Math.max(...parts.map(({ run }) => run));
  }

  /** The first option that works; else what keeps the part out of the first. */
  #tryPart(entry: Entry, options: readonly Option[]): Tried | Cause {
    let cause: Cause | undefined;
    for (const option of options) {
      const tried = this.#tryOption(entry, option, option.part.minMembers);
      if (typeof tried !== 'string') return tried;
      cause ??= tried;
    }
    return cause ?? 'room';
  }

  #hold({ holdings, run }: Tried, sign: 1 | -1): void {
    for (const holding of holdings) this.ground.cells.take(holding, sign);
    this.promises.occupy(holdings, this.now, this.now + run, sign);
  }

  /**
   * Widens what may be wider, in order, into what is left and not promised. Only now: wider gangs must not keep anybody
   * from starting or move a reservation.
   */
  #widen(): void {
    for (const started of this.#started) {
      started.parts.forEach((narrow, i) => {
        const { part } = narrow.option;
        if (part.maxMembers === part.minMembers) return;
        this.#hold(narrow, -1);
        const wide = this.#tryOption(started.entry, narrow.option, part.maxMembers);
        const kept = typeof wide === 'string' ? narrow : wide;
        this.#hold(kept, 1);
        started.parts[i] = kept;
      });
    }
  }

  #take(holdings: readonly Holding[]): void {
    for (const holding of holdings) this.ground.cells.take(holding);
    this.taken.push(...holdings);
  }

  /** Members, up to `most`, that can start now in the option; or what keeps its fewest from it. */
  #tryOption(entry: Entry, option: Option, most: number): Tried | Cause {
    const { part, room, run, quotaCell, longCell } = option;
    const { minMembers: min, requiredTopology: required } = part;
    if (room.total < min) return 'room';
    const quota = this.#raw(quotaCell, option);
    if (quota < min) return 'quota';
    const held = entry.heldBack(option, this.now);
    const long = held ? this.#raw(longCell, option) : Number.POSITIVE_INFINITY;
    if (required !== undefined && room.widest(required) < min) return 'domain';
    if (long < min) return 'held';
    return this.#place(option, Math.min(most, quota, long), run, held);
  }

  #place(option: Option, most: number, run: number, held: boolean): Tried | Cause {
    const { part, room, quotaCell, longCell } = option;
    const { minMembers: min, requiredTopology: required } = part;
    const until = this.now + run;
    const left = Math.min(
      this.promises.usable(room, until),
      this.#promised(quotaCell, option, until),
      held ? this.#promised(longCell, option, until) : Number.POSITIVE_INFINITY,
    );
    if (left < min) return 'promised';
    const counts = this.promises.usableCounts(room, until);
    const within = required === undefined ? left : this.#inOneDomain(option, counts, required);
    if (within < min) return 'promised';
    const members = Math.min(most, left, within);
    // A wider gang may run longer; then it has to fit for as long.
    const longer = members > min ? option.runAt(members) : run;
    if (longer > run) return this.#place(option, members, longer, held);
    const shares = spotsFor(option, counts, members, this.ground, this.ground.cells.free);
    const started = startedPart(option, shares, members, this.ground);
    return { option, run, part: started, holdings: holdingsAt(option, shares, members) };
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
