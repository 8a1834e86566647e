/**
 * Nobody waits without need: where every gang gets a reservation, none could have had its room at an earlier event without
 * taking it from those before it. Held against books that are kept moment by moment.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part, Plan, Pool, Snapshot, Start, WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { runOfParts } from '../../operator/core/plan/runtime.ts';
import { admits, type Books, book, closed, mayHost, openBooks, ordered, plannedEnd, poolsOf } from './oracle.ts';
import { busy, NOW, rigid } from './worlds.ts';

type Spell = {
  readonly gang: WaitingGang;
  readonly parts: Start['parts'];
  readonly at: number;
  readonly until: number;
};

type Case = { readonly world: Snapshot; readonly policy: Policy; readonly before: readonly Spell[] };

/**
 * Who holds what at the moment. What ends in the very second in which a promise begins may not have been needed for it,
 * and so counts as held there: `atPromise`.
 */
function booksAt({ world, policy, before }: Case, moment: number, atPromise: boolean): Books {
  const there = (end: number) => end > moment || (atPromise && end === moment);
  const charged = world.charged.filter((gang) => there(plannedEnd(gang, policy, NOW)));
  const books = openBooks({ ...world, charged });
  for (const { gang, parts, at, until } of before) if (at <= moment && there(until)) book(books, gang, { parts });
  return books;
}

const least = (
  amounts: ReadonlyMap<string, number> | undefined,
  part: Part,
  limits?: Readonly<Record<string, number>>,
) =>
  Math.min(
    ...Object.entries(part.request).map(([resource, amount]) => {
      if (amount === 0 || (limits && limits[resource] === undefined)) return Number.POSITIVE_INFINITY;
      const has = limits ? (limits[resource] ?? 0) - (amounts?.get(resource) ?? 0) : (amounts?.get(resource) ?? 0);
      return Math.max(0, Math.floor(has / amount));
    }),
  );

/** Whether the gang, which has one part, could have run in the pool from `at` on. */
function couldRun(given: Case, gang: WaitingGang, pool: Pool, at: number): boolean {
  const { world, policy, before } = given;
  const part = gang.parts[0] as Part;
  const members = part.minMembers;
  const until = at + runOfParts(gang, [{ pool: pool.name, members }], policy.planBy, policy);
  const begins = before.map((spell) => spell.at).filter((begin) => begin > at && begin < until);
  const books = [booksAt(given, at, false), ...begins.map((begin) => booksAt(given, begin, true))];
  const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[pool.name] ?? {};
  const quota = Math.min(...books.map(({ charged }) => least(charged.get(`${gang.queue} ${pool.name}`), part, limits)));
  if (quota < members) return false;
  const rooms = new Map<string, number>();
  for (const node of world.nodes) {
    if (!mayHost(node, pool, part, gang.avoid) || closed(world, node, at, until)) continue;
    const fits = Math.min(part.spread ? 1 : members, ...books.map(({ free }) => least(free.get(node.name), part)));
    const { requiredTopology: key } = part;
    const domain = key === undefined ? '' : node.labels[key];
    if (domain !== undefined) rooms.set(domain, (rooms.get(domain) ?? 0) + fits);
  }
  return [...rooms.values()].some((room) => room >= members);
}

function eventsOf({ world, policy, before }: Case): readonly number[] {
  const ends = world.charged.map((gang) => plannedEnd(gang, policy, NOW));
  const all = [NOW, ...ends, ...before.map(({ until }) => until), ...world.maintenance.map(({ until }) => until)];
  return [...new Set(all)].filter((at) => at >= NOW).sort((a, b) => a - b);
}

function expectNoneTooLate(world: Snapshot, policy: Policy, made: Plan): void {
  const before: Spell[] = [];
  for (const gang of ordered(world, policy, made)) {
    const start = made.starts.find(({ uid }) => uid === gang.uid);
    const reservation = made.reservations.find(({ uid }) => uid === gang.uid);
    if (!start && admits(world, gang)) {
      const given = { world, policy, before };
      const earlier = eventsOf(given).filter((at) => at < (reservation?.at ?? Number.POSITIVE_INFINITY));
      const could = earlier.filter((at) => poolsOf(world, gang).some((pool) => couldRun(given, gang, pool, at)));
      expect([gang.uid, could]).toEqual([gang.uid, []]);
    }
    const held = start ?? reservation;
    if (!held) continue;
    const at = reservation?.at ?? NOW;
    before.push({ gang, parts: held.parts, at, until: at + runOfParts(gang, held.parts, policy.planBy, policy) });
  }
}

/** Skipping queues, and gangs of a fixed width that may start at once. */
const open = busy({ nodes: 5, waiting: 8 }).map((world) => ({
  ...world,
  queues: world.queues.map((queue) => ({ ...queue, order: 'skipping' as const })),
  waiting: world.waiting.map((gang) => ({ ...rigid(gang), notBefore: NOW })),
}));

describe('where all are reserved for', () => {
  it('none starts, or is promised its room, later than it could', () => {
    fc.assert(
      fc.property(open, fc.constantFrom<Policy['planBy']>('limit', 'q50', 'q90'), (world, planBy) => {
        const policy: Policy = { ...DEFAULT_POLICY, planBy, reservations: Number.POSITIVE_INFINITY };
        expectNoneTooLate(world, policy, plan(world, NOW, policy));
      }),
      { numRuns: 300 },
    );
  });
});
