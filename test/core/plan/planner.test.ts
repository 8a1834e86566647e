import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../operator/core/model.ts';
import { changesOf, Planner, plan } from '../../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY } from '../../../operator/core/plan/policy.ts';
import {
  amounts,
  endsIn,
  foreign,
  gang,
  maintenance,
  NOW,
  node,
  nodes,
  pool,
  prediction,
  queue,
  running,
  snapshot,
} from '../snapshots.ts';

function planner(more: Partial<Snapshot> = {}): Planner {
  const made = new Planner();
  made.apply(changesOf(snapshot({ nodes: nodes(1), ...more })));
  return made;
}

const started = (made: Planner, now = NOW) => made.plan(now).starts.map(({ uid }) => uid);

describe('a planner', () => {
  it('does not take its plans for done: what starts has to be told', () => {
    const made = planner({ waiting: [gang('a', 1, 4), gang('b', 1, 4)] });
    expect(started(made)).toEqual(['a']);
    expect(started(made)).toEqual(['a']);
    made.apply([
      { kind: 'waiting', name: 'a' },
      { kind: 'charged', name: 'a', value: running('a', ['n0'], 4, { startedAt: NOW, time: 60 }) },
    ]);
    expect(started(made)).toEqual([]);
    made.apply([{ kind: 'charged', name: 'a' }]);
    expect(started(made)).toEqual(['b']);
  });

  it('follows every kind of change', () => {
    const made = planner({ waiting: [gang('g', 1, 4, { time: 60 })] });
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'foreign', name: 'n0', value: amounts(1) }]);
    expect(started(made)).toEqual([]);
    made.apply([{ kind: 'node', name: 'n1', value: node('n1') }]);
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'node', name: 'n1' }]);
    expect(started(made)).toEqual([]);
    made.apply([{ kind: 'foreign', name: 'n0' }]);
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'queue', name: 'default', value: queue('default', { pools: { default: amounts(3) } }) }]);
    expect(started(made)).toEqual([]);
    made.apply([{ kind: 'queue', name: 'default', value: queue() }]);
    made.apply([{ kind: 'maintenance', name: 'upgrade', value: maintenance(30, 90) }]);
    expect(started(made)).toEqual([]);
    expect(started(made, NOW + 90)).toEqual(['g']);
    made.apply([{ kind: 'maintenance', name: 'upgrade' }]);
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'pool', name: 'default' }]);
    expect(made.plan(NOW).waits).toMatchObject([{ reason: 'PoolNotFound' }]);
    made.apply([{ kind: 'pool', name: 'default', value: pool() }]);
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'waiting', name: 'g', value: gang('g', 1, 5) }]);
    expect(made.plan(NOW).waits).toMatchObject([{ reason: 'ExceedsPool' }]);
  });

  it('takes a thing that it knows already for changed, not for another one', () => {
    const held = running('r', ['n0'], 1, endsIn(60));
    const made = planner({ charged: [held], waiting: [gang('g', 1, 3)] });
    made.apply([{ kind: 'charged', name: 'r', value: held }]);
    made.apply([{ kind: 'foreign', name: 'n0', value: {} }]);
    expect(started(made)).toEqual(['g']);
    made.apply([{ kind: 'charged', name: 'r', value: running('r', ['n0'], 2, endsIn(60)) }]);
    expect(started(made)).toEqual([]);
  });

  it('is not troubled by news of what it does not know', () => {
    const made = planner({ waiting: [gang('g', 1, 1)] });
    made.apply([
      { kind: 'waiting', name: 'nosuch' },
      { kind: 'charged', name: 'nosuch' },
      { kind: 'node', name: 'nosuch' },
      { kind: 'foreign', name: 'nosuch', value: amounts(9) },
      { kind: 'charged', name: 'lost', value: running('lost', ['nosuch'], 9) },
    ]);
    expect(started(made)).toEqual(['g']);
  });

  it('keeps count of long gangs as they become so and end', () => {
    const holdBack = { share: 0.5, longerThan: 600, exemptShare: 1, exemptWait: 1e6 };
    const made = new Planner({ ...DEFAULT_POLICY, holdBack });
    const turning = running('r', ['n0'], 2, { startedAt: NOW, time: 9999, predictions: [prediction(300)] });
    const waiting = [gang('g', 1, 1, { time: 1000 })];
    made.apply(changesOf(snapshot({ nodes: nodes(1), charged: [turning], waiting })));
    expect(started(made, NOW + 600)).toEqual(['g']);
    expect(started(made, NOW + 601)).toEqual([]);
    made.apply([{ kind: 'charged', name: 'r' }]);
    expect(started(made, NOW + 601)).toEqual(['g']);
    made.apply([{ kind: 'charged', name: 's', value: { ...turning, uid: 's', predictions: [] } }]);
    expect(started(made, NOW + 601)).toEqual([]);
    made.apply([{ kind: 'node', name: 'n1', value: node('n1') }]);
    expect(started(made, NOW + 601)).toEqual(['g']);
  });

  it('stays right however much has changed', () => {
    const world = snapshot({ nodes: nodes(2), waiting: [gang('g', 5, 1, { time: 60 })] });
    const made = new Planner();
    made.apply(changesOf(world));
    for (let turn = 0; turn < 40_000; turn += 1) {
      const held = running('r', ['n0', 'n1'], 1 + (turn % 3), endsIn(60));
      made.apply([{ kind: 'charged', name: 'r', value: held }]);
      if (turn % 1999 !== 0) continue;
      const { starts, reservations } = plan({ ...world, charged: [held] }, NOW);
      const now = made.plan(NOW);
      expect([now.starts, now.reservations]).toEqual([starts, reservations]);
    }
  });

  it('plans gangs of thousands of shapes', () => {
    const waiting = Array.from({ length: 5000 }, (_, i) =>
      gang(`g${i}`, 1, 1, { submittedAt: i, request: { cpu: 1 + i, pods: 1 } }),
    );
    const made = new Planner({ ...DEFAULT_POLICY, reservations: 1 });
    const fleet = [node('n0', 4, { allocatable: { pods: 10_000, cpu: 500_000 } })];
    made.apply(changesOf(snapshot({ nodes: fleet, waiting })));
    const { starts } = made.plan(NOW);
    // 1 + 2 + … + 999 = 499,500: none of the others fits into the rest.
    expect(starts).toHaveLength(999);
    expect(made.held).toHaveLength(4001);
    expect(made.plan(NOW).starts).toEqual(starts);
  });
});

describe('a plan', () => {
  it('may be read for its starts at any time, for the rest only until the planner changes', () => {
    const made = planner({ waiting: [gang('a', 1, 4), gang('b', 1, 4, { submittedAt: NOW })] });
    const before = made.plan(NOW);
    const read = made.plan(NOW);
    expect(read.waits).toHaveLength(1);
    expect(() => before.waits).toThrow('the planner has changed');
    const unread = made.plan(NOW);
    made.apply([{ kind: 'waiting', name: 'b' }]);
    expect(() => unread.waits).toThrow('the planner has changed');
    expect(before.starts.map(({ uid }) => uid)).toEqual(['a']);
    expect(read.waits).toHaveLength(1);
    expect(() => before.planned).toThrow('the planner has changed');
  });

  it('adds up the foreign pods of a node', () => {
    const pods = [foreign('n0', amounts(1)), foreign('n0', amounts(2)), foreign('gone', amounts(9))];
    const made = plan(
      snapshot({ nodes: nodes(1), foreign: pods, waiting: [gang('g', 1, 0.5, { maxMembers: 9 })] }),
      NOW,
    );
    expect(made.starts[0]?.parts[0]?.members).toBe(2);
  });
});
