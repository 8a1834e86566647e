import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assumed } from '../../../operator/controllers/gather/gangs.ts';
import type { Snapshot, Start } from '../../../operator/core/model.ts';
import { Planner, plan } from '../../../operator/core/plan/planner.ts';
import { node, pool, queue, worldWith } from '../fixtures.ts';
import { type Event, events, NOW } from './events.ts';
import { following, gatherNow, scratch, sorted } from './scratch.ts';

const startOf = (uid: string): Start => ({
  uid,
  parts: [{ pool: 'p0', members: 1, placements: [{ node: 'n1', first: 0, count: 1 }] }],
  by: 'head',
});

type Made = {
  readonly told: Snapshot;
  readonly fromScratch: Snapshot;
  readonly now: number;
  readonly planner: Planner;
};

/** Plays the events; `compare` is called after each time of gathering. */
function play(all: readonly Event[], compare: (made: Made) => void): void {
  const world = worldWith({ nodes: [node('n0', '2'), node('n1', '2')] });
  world.queues.upsert(queue('q0'));
  world.pools.upsert(pool('p0'));
  const gatherer = following(world);
  const planner = new Planner();
  const assumed = new Map<string, Assumed>();
  let now = NOW;
  /** What the jobs were when the planner was last told of them. */
  let before = new Map(world.jobResources().map((resource) => [resource.metadata.uid, world.job(resource)]));
  for (const event of [...all, { do: 'gather', after: 0 } as const]) {
    if (event.do === 'store') event.act(world);
    else if (event.do === 'assume') {
      const gang = gatherer.told.waiting(event.uid);
      const job = before.get(event.uid);
      if ((gatherer.assume(startOf(event.uid), now) === undefined) !== (gang === undefined))
        throw new Error('assumed?');
      if (!gang || !job) continue;
      const { generation, status } = job;
      const attempt = (status.attempts ?? 0) + 1;
      assumed.set(event.uid, { gang, start: startOf(event.uid), attempt, generation, since: now });
    } else if (event.do === 'reject') {
      gatherer.reject(event.uid);
      assumed.delete(event.uid);
    } else {
      now += event.after;
      planner.apply(gatherNow(gatherer, now).changes);
      before = new Map(world.jobResources().map((resource) => [resource.metadata.uid, world.job(resource)]));
      compare({ told: sorted(gatherer.told.snapshot()), fromScratch: scratch(world, assumed, now), now, planner });
    }
  }
}

describe('gathering after any events', () => {
  it('tells the planner what looking at everything would', () => {
    const met = new Map<string, number>();
    fc.assert(
      fc.property(events, (all) => {
        play(all, ({ told, fromScratch }) => {
          expect(told).toEqual(fromScratch);
          for (const [list, { length }] of Object.entries(told)) met.set(list, Math.max(length, met.get(list) ?? 0));
        });
      }),
      { numRuns: 400 },
    );
    // The worlds were not empty.
    expect(Object.fromEntries(met)).toMatchObject({ nodes: 3, pools: 3, queues: 3, foreign: 3 });
    for (const list of ['waiting', 'charged', 'maintenance']) expect(met.get(list)).toBeGreaterThan(2);
  });

  it('makes the plan that the whole snapshot makes', () => {
    fc.assert(
      fc.property(events, (all) => {
        play(all, ({ fromScratch, now, planner }) => {
          const made = planner.plan(now);
          const whole = plan(fromScratch, now);
          for (const what of ['starts', 'reservations', 'waits'] as const) expect(made[what]).toEqual(whole[what]);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('loses no event that comes while it gathers', () => {
    fc.assert(
      fc.property(events, (all) => {
        const world = worldWith({ nodes: [node('n0', '2'), node('n1', '2')] });
        const gatherer = following(world);
        let work = gatherer.gather(NOW);
        for (const event of all) {
          if (event.do === 'store') event.act(world);
          const step = work.next();
          if (step.done !== true) continue;
          gatherer.told.note(step.value.changes);
          work = gatherer.gather(NOW);
        }
        for (let step = work.next(); ; step = work.next()) {
          if (step.done !== true) continue;
          gatherer.told.note(step.value.changes);
          break;
        }
        gatherNow(gatherer, NOW);
        expect(sorted(gatherer.told.snapshot())).toEqual(scratch(world, new Map(), NOW));
      }),
      { numRuns: 300 },
    );
  });
});
