import { describe, expect, it } from 'vitest';
import { podGroupsCondition, poolStatus, queueStatus } from '../../operator/controllers/platform.ts';
import { freeAmounts } from '../../operator/core/ledger.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { usageOf } from '../../operator/core/usage.ts';
import { boundPod, job, node, worldWith } from './fixtures.ts';
import { following, gatherNow } from './gather/scratch.ts';

const running = {
  state: 'Running' as const,
  assignment: {
    attempt: 1,
    name: 'heat-abcde',
    pool: 'default',
    queue: 'default',
    members: 2,
    placements: [{ node: 'a', first: 0, count: 2 }],
    resources: { cpu: 1500, pods: 1 },
    admittedAt: '2026-01-01T00:50:00.000Z',
  },
};

describe('what queues and pools show', () => {
  const cordoned = node('b', '4', { spec: { unschedulable: true } });
  const world = worldWith({
    nodes: [node('a', '4'), cordoned],
    jobs: [job('heat', {}, running), job('small', { resources: { cpu: '500m' } }), job('large', { nodes: 9 })],
    pods: [boundPod('daemon', 'a', '250m')],
  });
  const gatherer = following(world);
  gatherNow(gatherer, 0);
  const snapshot = gatherer.told.snapshot();
  const made = plan(snapshot, 0);

  it('a queue: what waits, what holds room, what it is charged', () => {
    const [queue] = world.queues.list();
    const use = usageOf(snapshot, made).find((u) => u.queue === 'default');
    if (!queue) throw new Error('no queue');
    expect(queueStatus(queue, use)).toEqual({
      observedGeneration: 1,
      pending: 1,
      active: 2,
      usage: [{ pool: 'default', used: { cpu: '3500m', pods: '3' } }],
    });
    expect(use).toMatchObject({ waiting: 0, inadmissible: 1 });
    // As long as nothing is said of it, nobody knows that it is too large.
    const [unsaid] = usageOf(snapshot, { starts: made.starts, waits: [] });
    expect(unsaid).toMatchObject({ waiting: 1, inadmissible: 0 });
  });

  it('a pool: what was found of PodGroups, and since when', () => {
    const [pool] = world.pools.list();
    if (!pool) throw new Error('no pool');
    const found = { finding: 'NotServed' as const, message: 'not served by v1.36.0' };
    const first = podGroupsCondition(pool, found, 1_000_000);
    expect(first).toMatchObject({ type: 'PodGroups', status: 'False', reason: 'NotServed', message: found.message });
    const told = { ...pool, status: { conditions: [first] } };
    const later = podGroupsCondition(told, { finding: 'Distrusted', message: 'a part was bound' }, 2_000_000);
    expect(later).toMatchObject({ reason: 'Distrusted', lastTransitionTime: first.lastTransitionTime });
    const served = podGroupsCondition(told, { finding: 'Served', message: '' }, 2_000_000);
    expect(served.status).toBe('True');
    expect(served.lastTransitionTime).not.toBe(first.lastTransitionTime);
  });

  it('a pool: its nodes, and what is free on those that are ready', () => {
    const [pool] = world.pools.list();
    if (!pool) throw new Error('no pool');
    expect(poolStatus(pool, snapshot, freeAmounts(snapshot, snapshot.nodes))).toEqual({
      observedGeneration: 1,
      nodes: 2,
      ready: 1,
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      free: { cpu: '750m', memory: '8Gi', pods: '107' },
    });
  });
});
