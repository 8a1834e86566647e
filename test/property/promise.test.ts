/**
 * Promises are kept: a world is planned, its starts begin, every running gang ends exactly when it should, and nothing
 * arrives. Planned again at every end, no gang that held a reservation at first starts later than that said.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot, WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { chargedOf, plannedEnd } from './oracle.ts';
import { busy, NOW, rigid } from './worlds.ts';

/** Starts of all gangs that ever do, by UID, and what was promised at first. */
function play(world: Snapshot, policy: Policy) {
  const promised = new Map(plan(world, NOW, policy).reservations.map(({ uid, at }) => [uid, at]));
  const startedAt = new Map<string, number>();
  const ends = new Map(world.charged.map((gang) => [gang.uid, plannedEnd(gang, policy, NOW)]));
  let { waiting, charged } = world;
  const turns = world.maintenance.map(({ until }) => until).filter((until) => until > NOW);
  for (let now = NOW; Number.isFinite(now); now = Math.min(...turns, ...ends.values())) {
    for (const turn of turns.splice(0)) if (turn > now) turns.push(turn);
    charged = charged.filter(({ uid }) => (ends.get(uid) ?? 0) > now);
    for (const [uid, end] of ends) if (end <= now) ends.delete(uid);
    const { starts } = plan({ ...world, waiting, charged }, now, policy);
    for (const start of starts) {
      const gang = waiting.find(({ uid }) => uid === start.uid);
      if (!gang) throw new Error(`${start.uid} does not wait`);
      const begun = chargedOf(gang, start, now);
      charged = [...charged, begun];
      ends.set(start.uid, plannedEnd(begun, policy, now));
      startedAt.set(start.uid, now);
    }
    waiting = waiting.filter(({ uid }) => !startedAt.has(uid));
  }
  return { promised, startedAt };
}

function expectKept(world: Snapshot, policy: Policy): void {
  const { promised, startedAt } = play(world, policy);
  const late = [...promised].filter(([uid, at]) => (startedAt.get(uid) ?? Number.POSITIVE_INFINITY) > at);
  expect(late).toEqual([]);
}

/** Gangs past their end would be extended again at every plan, and one past its walltime has no known end at all. */
const onTime = (world: Snapshot, policy: Policy): Snapshot => ({
  ...world,
  charged: world.charged.filter((gang) => plannedEnd(gang, policy, NOW) === plannedEnd(gang, policy, gang.startedAt)),
});

/**
 * Nobody comes before another later than at first: no back-off, no strict queue that opens, no promotion. And nobody asks
 * for more than what was promised: an elastic gang takes what it can get when it starts.
 */
const steady = (world: Snapshot): Snapshot => ({
  ...world,
  queues: world.queues.map((queue) => ({ ...without(queue, 'waitObjective'), order: 'skipping' })),
  waiting: world.waiting.map((gang) => rigid(without(gang, 'notBefore'))),
});

/**
 * No two ends in one second. Of those a plan counts only what a reservation needs, so that what it leaves to others
 * depends on who else happens to end then.
 */
const apart = (world: Snapshot): Snapshot => ({
  ...world,
  waiting: world.waiting.map((gang, i) => ({ ...longer(gang, i), time: (gang.time ?? 86_400) + i * Math.SQRT1_2 })),
  charged: world.charged.map((gang, i) => ({ ...longer(gang, i), startedAt: gang.startedAt - i * Math.LN2 })),
});

function longer<T extends Pick<WaitingGang, 'predictions'>>(gang: T, i: number): T {
  const predictions = gang.predictions?.map((known) => {
    const by = i * Math.LOG10E;
    return { ...known, q50: known.q50 + by, q75: known.q75 + by, q90: known.q90 + by };
  });
  return predictions ? { ...gang, predictions } : gang;
}

function without<T extends object, K extends keyof T>(thing: T, key: K): Omit<T, K> {
  const { [key]: _gone, ...rest } = thing;
  return rest;
}

const estimates = fc.constantFrom<Policy['planBy']>('limit', 'q90', 'q50');

describe('a promise', () => {
  it('to the head of a pool is kept', () => {
    fc.assert(
      fc.property(busy({ nodes: 6, waiting: 12, parts: 2 }), estimates, (world, planBy) => {
        const policy: Policy = { ...DEFAULT_POLICY, planBy, reservations: 1 };
        const [pool] = world.pools;
        const one = { ...steady(world), pools: pool ? [pool] : [] };
        expectKept(onTime(one, policy), policy);
      }),
      { numRuns: 250 },
    );
  });

  it('on one flat machine is kept, to however many', () => {
    const deep = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(busy({ nodes: 1, waiting: 12 }), estimates, deep, (world, planBy, reservations) => {
        const policy: Policy = { ...DEFAULT_POLICY, planBy, reservations };
        const [pool] = world.pools;
        const one = { ...apart(steady(world)), pools: pool ? [{ ...pool, selector: {} }] : [] };
        expectKept(onTime(one, policy), policy);
      }),
      { numRuns: 250 },
    );
  });
});
