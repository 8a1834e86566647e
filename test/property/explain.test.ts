/** Properties of what waiting gangs are told: figures that are figures, holders that hold, and advice that works. */
import { describe, expect, it } from 'vitest';
import type { WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { REASONS } from '../../operator/core/reasons.ts';
import { parseTime } from '../../operator/core/time.ts';
import { ordered } from './oracle.ts';
import { checkPlans as check } from './policies.ts';
import { busy, NOW, worlds } from './worlds.ts';

const odd = worlds({ nodes: 6, waiting: 14, parts: 2 });
const coupled = busy({ nodes: 6, waiting: 12, parts: 2 });
const single = busy({ nodes: 6, waiting: 12 });

/** Every number in a value, however deep. */
function numbersOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

describe('what a plan says', () => {
  it('holds no number that is none, and no word of what is missing', () => {
    check(odd, 300, (_, __, { starts, reservations, waits, planned }) => {
      expect(
        numbersOf([starts, reservations, waits, [...planned.values()]]).filter((n) => !Number.isFinite(n)),
      ).toEqual([]);
      for (const { reason, message } of waits) {
        expect(Object.keys(REASONS)).toContain(reason);
        expect(message).not.toMatch(/NaN|Infinity|undefined|null|[ (]-\d|\[object|^\s*$/);
      }
    });
  });

  it('expects a start, where one is planned, in an interval that begins neither before now nor before its back-off ends', () => {
    check(coupled, 300, (world, _, { waits, planned }) => {
      expect(
        waits
          .filter(({ eta }) => eta)
          .map(({ uid }) => uid)
          .sort(),
      ).toEqual([...planned.keys()].sort());
      for (const { uid, eta } of waits) {
        if (!eta) continue;
        const { notBefore = NOW } = world.waiting.find((gang) => gang.uid === uid) ?? {};
        expect(planned.get(uid)).toBeGreaterThanOrEqual(Math.max(NOW, notBefore));
        expect(eta.earliest).toBeGreaterThanOrEqual(Math.max(NOW, notBefore));
        expect(eta.expected).toBeGreaterThanOrEqual(eta.earliest);
        expect(eta.latest).toBeGreaterThanOrEqual(eta.expected);
      }
    });
  });

  it('says of a gang of one part what it lacks, not that its parts would fit', () => {
    check(single, 400, (_, __, { waits }) => {
      for (const { message } of waits) expect(message).not.toMatch(/each of its 1 parts/);
    });
  });

  it('names a reservation that is there, of a gang that goes before', () => {
    check(coupled, 400, (world, any) => {
      const policy: Policy = { ...any, score: DEFAULT_POLICY.score, candidates: 'score' };
      const made = plan(world, NOW, policy);
      const { waits, reservations } = made;
      const order = ordered(world, policy, made);
      const place = (gang: WaitingGang | undefined) => (gang ? order.indexOf(gang) : order.length);
      for (const { uid, reason, message } of waits) {
        const said = / reserved for (\S+\/\S+|maintenance) from (\S+?)(?:;|$)/.exec(message);
        if (!said) continue;
        const [, whose = '', when] = said;
        if (whose === 'maintenance') {
          expect(reason).toBe('WaitingForMaintenance');
          expect(world.maintenance.map(({ from }) => from)).toContain(parseTime(when));
          continue;
        }
        expect(reason).toBe('WouldDelayReservation');
        const holder = world.waiting.find(({ namespace, name }) => `${namespace}/${name}` === whose);
        expect(Math.ceil(reservations.find((r) => r.uid === holder?.uid)?.at ?? 0)).toBe(parseTime(when));
        expect(place(holder)).toBeLessThan(place(world.waiting.find((gang) => gang.uid === uid)));
      }
    });
  });

  it('names who holds the room whenever a gang of one part is kept from it by promises', () => {
    check(single, 400, (_, __, { waits }) => {
      for (const { reason, message } of waits) {
        if (reason !== 'WouldDelayReservation' && reason !== 'WaitingForMaintenance') continue;
        expect(message).toMatch(/ reserved for (\S+\/\S+|maintenance) from \S+; one that ends by \S+ could start now/);
      }
    });
  });

  it('names a walltime that really lets the gang start', () => {
    check(coupled, 500, (world, any) => {
      const policy: Policy = { ...any, score: DEFAULT_POLICY.score, candidates: 'score' };
      for (const { uid, message } of plan(world, NOW, policy).waits) {
        const said = /one that ends by (\S+Z) could start now/.exec(message);
        if (!said) continue;
        const time = (parseTime(said[1]) ?? NOW) - NOW;
        const waiting = world.waiting.map((gang) => (gang.uid === uid ? { ...gang, time } : gang));
        const { starts } = plan({ ...world, waiting }, NOW, policy);
        expect(starts.map((start) => start.uid)).toContain(uid);
      }
    });
  });
});
