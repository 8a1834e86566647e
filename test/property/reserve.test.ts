/** Properties of reservations: they fit, they are not moved for those behind them, and they are kept. */
import { describe, expect, it } from 'vitest';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { ordered, plannedEnd } from './oracle.ts';
import { checkPlans as check } from './policies.ts';
import { expectRoomAhead } from './timeline.ts';
import { busy, NOW, worlds } from './worlds.ts';

const coupled = busy({ nodes: 6, waiting: 12, parts: 2 });

describe('reservations', () => {
  it('lie ahead, belong to gangs that wait, each to one, and last as long as the gang should run', () => {
    check(coupled, 200, (_, __, { reservations, waits, planned }) => {
      const waiting = new Set(waits.map(({ uid }) => uid));
      expect(new Set(reservations.map(({ uid }) => uid)).size).toBe(reservations.length);
      for (const { uid, at, until } of reservations) {
        expect(at).toBeGreaterThan(NOW);
        expect(until).toBeGreaterThan(at);
        expect(waiting).toContain(uid);
        expect(planned.get(uid)).toBe(at);
      }
    });
  });

  it('are at most so many in each pool as the policy says', () => {
    check(coupled, 200, (world, { reservations: most }, { reservations }) => {
      for (const { name } of world.pools) {
        const here = reservations.filter(({ parts }) => parts.some(({ pool }) => pool === name));
        expect(here.length).toBeLessThanOrEqual(most);
      }
    });
  });

  it('never ask for more than there will be, of nodes and of quota, together with all that starts', () => {
    check(coupled, 500, (world, policy, made) => expectRoomAhead(world, made, policy));
  });

  it('and starts are decided without those who come after, but for how wide an elastic gang gets', () => {
    check(coupled, 250, (world, any) => {
      const policy: Policy = { ...any, score: DEFAULT_POLICY.score, candidates: 'score', promotions: 0 };
      const whole = plan(world, NOW, policy);
      const order = ordered(world, policy, whole);
      const first = order.slice(0, Math.ceil(order.length / 2));
      const uids = new Set(first.map(({ uid }) => uid));
      const half = plan({ ...world, waiting: first }, NOW, policy);
      const rigid = first.filter(({ parts }) => parts.every((part) => part.minMembers === part.maxMembers));
      const fixed = new Set(rigid.map(({ uid }) => uid));
      const before = whole.starts.filter(({ uid }) => uids.has(uid));
      expect(before.map(({ uid, by }) => [uid, by])).toEqual(half.starts.map(({ uid, by }) => [uid, by]));
      expect(before.filter(({ uid }) => fixed.has(uid))).toEqual(half.starts.filter(({ uid }) => fixed.has(uid)));
      expect(whole.reservations.filter(({ uid }) => uids.has(uid))).toEqual(half.reservations);
    });
  });

  it('of a lone gang tell when it starts: then it does, and not a second before', () => {
    const lone = worlds({ nodes: 5, waiting: 1, parts: 2 });
    check(lone, 600, (world, any) => {
      const { holdBack: _, ...policy }: Policy = { ...any, reservations: 1 };
      const [reservation] = plan(world, NOW, policy).reservations;
      if (!reservation) return;
      const { at } = reservation;
      const left = (now: number) => world.charged.filter((gang) => plannedEnd(gang, policy, NOW) > now);
      expect(plan({ ...world, charged: left(at) }, at, policy).starts).toHaveLength(1);
      if (at - 1 > NOW) expect(plan({ ...world, charged: left(at - 1) }, at - 1, policy).starts).toHaveLength(0);
    });
  });
});
