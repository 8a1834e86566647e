/** What a plan says of the time ahead, booked moment by moment: nothing it promises may ask for more than there will be. */
import { expect } from 'vitest';
import type { Part, Plan, Snapshot, Start, WaitingGang } from '../../operator/core/model.ts';
import type { Policy } from '../../operator/core/plan/policy.ts';
import { runOfParts } from '../../operator/core/plan/runtime.ts';
import { book, closed, openBooks, plannedEnd } from './oracle.ts';
import { NOW } from './worlds.ts';

/** A start or a reservation, and how long it is to hold its room. */
type Spell = {
  readonly gang: WaitingGang;
  readonly parts: Start['parts'];
  readonly at: number;
  readonly until: number;
};

function spellsOf(world: Snapshot, plan: Plan, policy: Policy): readonly Spell[] {
  const gangs = new Map(world.waiting.map((gang) => [gang.uid, gang]));
  return [...plan.starts, ...plan.reservations].flatMap((start) => {
    const gang = gangs.get(start.uid);
    if (!gang) return [];
    const { parts } = start;
    const at = 'at' in start ? start.at : NOW;
    const until = 'until' in start ? start.until : NOW + runOfParts(gang, parts, policy.planBy, policy);
    return [{ gang, parts, at, until }];
  });
}

/** Every moment at which a start or a reservation begins: in between, room is only given back. */
export function expectRoomAhead(world: Snapshot, plan: Plan, policy: Policy): void {
  const spells = spellsOf(world, plan, policy);
  for (const moment of new Set(spells.map(({ at }) => at))) {
    const charged = world.charged.filter((gang) => plannedEnd(gang, policy, NOW) > moment);
    const books = openBooks({ ...world, charged });
    const present = spells.filter(({ at, until }) => at <= moment && moment < until);
    for (const { gang, parts } of present) book(books, gang, { parts });
    for (const { gang, parts } of present) {
      parts.forEach(({ pool, placements }, i) => {
        const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[pool] ?? {};
        const { request } = gang.parts[i] as Part;
        for (const [resource, amount] of Object.entries(request)) {
          if (amount === 0) continue;
          for (const { node } of placements) {
            expect(books.free.get(node)?.get(resource), `${resource} of ${node} at ${moment}`).toBeGreaterThanOrEqual(
              0,
            );
          }
          const used = books.charged.get(`${gang.queue} ${pool}`)?.get(resource);
          expect(used, `${resource} of ${gang.queue} in ${pool} at ${moment}`).toBeLessThanOrEqual(
            limits[resource] ?? Number.POSITIVE_INFINITY,
          );
        }
      });
    }
  }
  for (const { parts, at, until } of spells) {
    const used = new Set(parts.flatMap(({ placements }) => placements.map(({ node }) => node)));
    for (const node of world.nodes) if (used.has(node.name)) expect(closed(world, node, at, until)).toBe(false);
  }
}
