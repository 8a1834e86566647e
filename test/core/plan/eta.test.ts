/** When gangs that wait would start. */
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../operator/core/model.ts';
import { plan } from '../../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../../operator/core/plan/policy.ts';
import { amounts, endsIn, gang, NOW, node, nodes, part, pool, queue, running, snapshot } from '../snapshots.ts';

/** Planned starts by UID, in seconds from NOW. */
function planned(more: Partial<Snapshot>, policy: Partial<Policy> = {}): Record<string, number> {
  const made = plan(snapshot(more), NOW, { ...DEFAULT_POLICY, ...policy });
  return Object.fromEntries([...made.planned].map(([uid, at]) => [uid, at - NOW]));
}

describe('a planned start', () => {
  it('is that of the reservation, to the second', () => {
    const charged = [running('a', ['n0'], 4, endsIn(101)), running('b', ['n1'], 4, endsIn(307))];
    const waiting = [
      gang('first', 1, 4, { submittedAt: 1, time: 50 }),
      gang('wide', 2, 4, { submittedAt: 2, time: 10 }),
    ];
    expect(planned({ charged, waiting })).toEqual({ first: 101, wide: 307 });
  });

  it('is, without one, where the gang comes in the outlook of its pool, one after the other', () => {
    const charged = [running('r', ['n0'], 4, endsIn(100))];
    const waiting = Array.from({ length: 4 }, (_, i) => gang(`g${i}`, 1, 4, { submittedAt: i, time: 120 }));
    // Minutes for the first hour: ends at 100 show at 120.
    expect(planned({ nodes: nodes(1), charged, waiting }, { reservations: 0 })).toEqual({
      g0: 120,
      g1: 240,
      g2: 360,
      g3: 480,
    });
    expect(planned({ nodes: nodes(1), charged, waiting }, { reservations: 2 })).toEqual({
      g0: 100,
      g1: 220,
      g2: 360,
      g3: 480,
    });
  });

  it('lets small gangs in beside large ones, but does not move what is reserved', () => {
    const charged = [running('r', ['n0'], 3, endsIn(600))];
    const waiting = [
      gang('head', 1, 4, { submittedAt: 1, time: 600 }),
      gang('long', 1, 1, { submittedAt: 2, time: 601 }),
      gang('short', 1, 1, { submittedAt: 3, time: 540 }),
    ];
    expect(planned({ nodes: nodes(1), charged, waiting: waiting.slice(0, 2) }, { reservations: 1 })).toEqual({
      head: 600,
      long: 1200,
    });
    const made = plan(snapshot({ nodes: nodes(1), charged, waiting }), NOW, { ...DEFAULT_POLICY, reservations: 1 });
    expect(made.starts.map(({ uid }) => uid)).toEqual(['short']);
  });

  it('counts what starts in this very plan as gone when it should have ended, however wide it started', () => {
    const waiting = [
      gang('one', 1, 1, { submittedAt: 1, time: 60, maxMembers: 4 }),
      gang('two', 1, 4, { submittedAt: 2 }),
    ];
    expect(planned({ nodes: nodes(1), waiting })).toEqual({ two: 60 });
    expect(planned({ nodes: nodes(1), waiting }, { reservations: 0 })).toEqual({ two: 60 });
  });

  it('waits for quota and for back-off too', () => {
    const queues = [queue('default', { pools: { default: amounts(4) } })];
    const charged = [running('a', ['n0'], 4, endsIn(240))];
    expect(planned({ queues, charged, waiting: [gang('g', 1, 1)] }, { reservations: 0 })).toEqual({ g: 240 });
    expect(planned({ waiting: [gang('g', 1, 1, { notBefore: NOW + 90 })] })).toEqual({ g: 120 });
  });

  it('of a gang behind another in a strict queue is not before that one’s', () => {
    const queues = [queue('default', { order: 'strict' })];
    const charged = [running('a', ['n0'], 4, endsIn(120)), running('b', ['n1'], 4, endsIn(300))];
    const waiting = [
      gang('wide', 2, 4, { submittedAt: 1, time: 60 }),
      gang('behind', 1, 4, { submittedAt: 2, time: 60 }),
      gang('last', 1, 4, { submittedAt: 3, time: 60 }),
    ];
    expect(planned({ queues, charged, waiting })).toEqual({ wide: 300, behind: 360, last: 360 });
  });

  it('of coupled parts is when all of them fit', () => {
    const pools = ['a', 'b'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = ['a', 'b'].map((name, i) => node(`n${i}`, 4, { labels: { in: name } }));
    const charged = ['a', 'b'].map((name, i) => running(name, [`n${i}`], 4, { pool: name, ...endsIn(120 + 60 * i) }));
    const parts = [part(1, 4, { pools: ['a'] }), part(1, 4, { pools: ['b'] })];
    const world = { nodes: fleet, pools, charged, waiting: [gang('pair', 1, 1, { parts })] };
    expect(planned(world, { reservations: 0 })).toEqual({ pair: 180 });
    expect(planned(world)).toEqual({ pair: 180 });
  });

  it('is absent for gangs that can never start', () => {
    expect(planned({ waiting: [gang('never', 3, 4)] })).toEqual({});
  });
});
