/**
 * When waiting gangs should start. For those with a reservation it is the reservation; for the others it is where they
 * would come in the outlook of their pools, one after the other, as if each had a reservation but nodes did not matter.
 */
import type { Eta } from '../model.ts';
import type { Holding } from './cells.ts';
import type { Entry } from './entry.ts';
import type { Option } from './option.ts';
import { Outlook, STARTS, stepFrom, stepOf } from './outlook.ts';
import type { Pass } from './pass.ts';
import type { Room } from './room.ts';

class Outlooks {
  readonly #pass: Pass;
  readonly #pools = new Map<string, Outlook>();
  readonly #accounts = new Map<number, Outlook>();
  /** For a room and a width, a step before which that width never fits: room ahead is only ever taken. */
  readonly #hints = new Map<Room, Map<number, number>>();

  constructor(pass: Pass) {
    this.#pass = pass;
    const { cells, pools } = pass.ground;
    const members = [...pools].map(([name, nodes]) => [name, new Set(nodes.indices)] as const);
    for (const [name, nodes] of pools) {
      const outlook = new Outlook(cells.stride);
      for (const index of nodes.usable) {
        const row = cells.free.subarray(index * cells.stride, (index + 1) * cells.stride);
        outlook.begin(row.map((amount) => Math.max(0, amount)));
      }
      this.#pools.set(name, outlook);
    }
    this.#foresee((holding, step, sign) => {
      for (const [name, nodes] of members) {
        if (nodes.has(holding.cell)) this.#pools.get(name)?.shift(step, holding.need, sign * holding.members);
      }
    });
    for (const outlook of this.#pools.values()) outlook.settle();
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

  #account(cell: number): Outlook {
    const known = this.#accounts.get(cell);
    if (known) return known;
    const { cells } = this.#pass.ground;
    const outlook = new Outlook(cells.stride);
    outlook.begin(cells.free.subarray(cell * cells.stride, (cell + 1) * cells.stride));
    this.#foresee((holding, step, sign) => {
      if (holding.cell === cell) outlook.shift(step, holding.need, sign * holding.members);
    });
    outlook.settle();
    this.#accounts.set(cell, outlook);
    return outlook;
  }

  #of({ nodes, quotaCell }: Option): readonly Outlook[] {
    const pool = this.#pools.get(nodes.pool.name);
    const outlooks = pool ? [pool] : [];
    return quotaCell === undefined ? outlooks : [...outlooks, this.#account(quotaCell)];
  }

  /** The first step from `from` on at which the option holds its fewest members for its run. */
  fit(option: Option, from: number): number {
    const { room, part, run } = option;
    const { need } = room.shape;
    if (!need.known) return STARTS.length;
    const hints = this.#hints.get(room) ?? new Map<number, number>();
    this.#hints.set(room, hints);
    const outlooks = this.#of(option);
    const hint = outlooks[0]?.first(hints.get(part.minMembers) ?? 0, need, part.minMembers) ?? 0;
    hints.set(part.minMembers, hint);
    let step = Math.max(from, hint);
    for (let moved = true; moved && step < STARTS.length; ) {
      moved = false;
      for (const outlook of outlooks) {
        const next = outlook.fit(step, need, part.minMembers, run);
        if (next > step) [step, moved] = [next, true];
      }
    }
    return step;
  }

  take(option: Option, step: number): void {
    for (const outlook of this.#of(option)) outlook.take(step, option.room.shape.need, option.part.minMembers, option.run);
  }
}

/** The first step at which all parts fit together, each in the pool that is free first. */
function together(entry: Entry, outlooks: Outlooks, from: number): readonly [step: number, options: readonly Option[]] {
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

/** Estimated starts by UID, for those of the gangs that a pass left waiting of which one can be told. */
export function estimates(pass: Pass): ReadonlyMap<string, Eta> {
  const { now, ground } = pass;
  const hopeful = pass.held.filter(({ lasting }) => !lasting);
  const etas = new Map<string, Eta>();
  if (hopeful.length === 0) return etas;
  const outlooks = new Outlooks(pass);
  /** In a strict queue nobody starts before who is ahead. */
  const behind = new Map<string, number>();
  for (const entry of hopeful) {
    const { uid, queue, notBefore = now } = entry.gang;
    const strict = ground.queues.get(queue)?.order === 'strict';
    const from = stepFrom(Math.max(0, notBefore - now, strict ? (behind.get(queue) ?? 0) : 0));
    let expected: number | undefined = entry.reservation?.at;
    if (expected === undefined) {
      const [step, options] = together(entry, outlooks, Math.max(1, from));
      for (const option of step < STARTS.length ? options : []) outlooks.take(option, step);
      if (step < STARTS.length) expected = Math.max(notBefore, now + (STARTS[step] ?? 0));
    }
    if (expected === undefined) continue;
    if (strict && entry.cause !== 'pause') behind.set(queue, Math.max(behind.get(queue) ?? 0, expected - now));
    etas.set(uid, { earliest: Math.max(now, notBefore), expected });
  }
  return etas;
}
