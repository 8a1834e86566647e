import { describe, expect, it } from 'vitest';
import { boundPod, job, memberPod, node, pool, queue, worldWith } from '../fixtures.ts';
import { following, gatherNow } from './scratch.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z') / 1000;

const assignment = {
  attempt: 1,
  name: 'heat-abcde',
  pool: 'default',
  queue: 'default',
  members: 2,
  placements: [{ node: 'a', first: 0, count: 2 }],
  resources: { cpu: 1000, pods: 1 },
  timeSeconds: 600,
  admittedAt: '2026-01-01T00:50:00.000Z',
};
const running = {
  state: 'Running' as const,
  assignment: { ...assignment, runningAt: '2026-01-01T00:55:00.000Z' },
};
const member = (index: number, phase: string) => memberPod({ owner: 'heat', member: index }, 'a', phase);

/** What the planner is told of a world, once. */
function told(world: ReturnType<typeof worldWith>, now = NOW) {
  const gatherer = following(world);
  gatherNow(gatherer, now);
  return gatherer.told.snapshot();
}

describe('what a plan is given', () => {
  it('waiting jobs with their shape; suspended, deleted and ended ones not', () => {
    const world = worldWith({
      jobs: [
        job('a', { nodes: 4, minNodes: 2, resources: { cpu: '500m' }, priority: 7, spread: 'node', pools: ['p'] }),
        job('b', { suspend: true }),
        job('c', {}, { state: 'Succeeded' }),
        job(
          'd',
          { topology: { required: 'rack' } },
          {
            state: 'Restarting',
            requeueAt: '2026-01-01T02:00:00Z',
            avoid: [{ node: 'x', until: '2026-01-01T02:00:00Z' }],
          },
        ),
        job('e', {}, {}, { deletionTimestamp: '2026-01-01T00:30:00Z' }),
      ],
    });
    const { waiting } = told(world);
    expect(waiting.map((g) => g.name)).toEqual(['a', 'd']);
    expect(waiting[0]).toMatchObject({
      priority: 7,
      parts: [{ minMembers: 2, maxMembers: 4, request: { cpu: 500, pods: 1 }, spread: true, pools: ['p'] }],
    });
    expect(waiting[1]).toMatchObject({ avoid: ['x'], notBefore: NOW + 3600, parts: [{ requiredTopology: 'rack' }] });
  });

  it('a charged gang by its assignment, its own pods not once more as foreign ones', () => {
    const world = worldWith({
      nodes: [node('a', '8')],
      jobs: [job('heat', {}, running)],
      pods: [member(0, 'Running'), member(1, 'Succeeded'), boundPod('other', 'a', '250m')],
    });
    const { charged, foreign } = told(world);
    const part = { pool: 'default', members: 2, request: { cpu: 1000, pods: 1 } };
    expect(charged).toEqual([
      {
        uid: 'heat-uid',
        queue: 'default',
        parts: [{ ...part, placements: assignment.placements, released: [1] }],
        startedAt: Date.parse('2026-01-01T00:55:00Z') / 1000,
        time: 600,
      },
    ]);
    expect(foreign).toEqual([{ node: 'a', requests: { cpu: 250, pods: 1 } }]);
  });

  it('a gang that has not begun to compute counts from its admission', () => {
    const { charged } = told(worldWith({ jobs: [job('heat', {}, { state: 'Starting', assignment })] }));
    expect(charged).toMatchObject([{ startedAt: Date.parse('2026-01-01T00:50:00Z') / 1000 }]);
  });

  it('pods left from an attempt that is over are strangers on their node until they end', () => {
    const world = worldWith({
      jobs: [job('heat', {}, { state: 'Queued' })],
      pods: [member(0, 'Running'), member(1, 'Failed')],
    });
    expect(told(world).foreign).toEqual([{ node: 'a', requests: { cpu: 1000, pods: 1 } }]);
  });

  it('the queue with its objective, and the maintenance that is not over', () => {
    const world = worldWith({});
    world.queues.upsert(queue('default', { waitObjective: '48h', namespaces: [] }));
    const [start, end] = ['2026-01-01T03:00:00+02:00', '2026-01-01T02:00:00Z'];
    const over = { name: 'disks', start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z' };
    const selector = { matchLabels: { rack: 'r7' } };
    world.pools.upsert(pool('default', { maintenance: [over, { name: 'rack', start, end, selector }] }));
    const { queues, maintenance } = told(world);
    expect(queues).toEqual([{ name: 'default', state: 'active', order: 'skipping', waitObjective: 172_800 }]);
    expect(maintenance).toEqual([{ name: 'default/rack', pool: 'default', from: NOW, until: NOW + 3600, selector }]);
  });
});

describe('what is gathered after an event', () => {
  const start = {
    uid: 'heat-uid',
    parts: [{ pool: 'default', members: 1, placements: [{ node: 'a', first: 0, count: 1 }] }],
    by: 'head' as const,
  };

  it('is nothing where nothing that is planned has changed', () => {
    const world = worldWith({
      nodes: [node('a', '8')],
      jobs: [job('heat', {}, running)],
      pods: [member(0, 'Running')],
    });
    const gatherer = following(world);
    expect(gatherNow(gatherer, NOW).changes).not.toEqual([]);
    expect(gatherNow(gatherer, NOW).changes).toEqual([]);
    const beat = node('a', '8');
    world.nodes.upsert({
      ...beat,
      status: { ...beat.status, conditions: [...(beat.status?.conditions ?? []), { type: 'Disk', status: 'False' }] },
    });
    world.pods.upsert({ ...member(0, 'Running'), status: { phase: 'Running', podIP: '10.0.0.1' } });
    world.simulations.upsert(job('heat', {}, { ...running, message: 'another' }) as never);
    world.queues.upsert({ ...queue('default'), status: { pending: 3 } });
    expect(gatherNow(gatherer, NOW)).toEqual({ changes: [], due: false });
  });

  it('is one change for the end of one pod', () => {
    const world = worldWith({ jobs: [job('heat', {}, running)], pods: [member(0, 'Running'), member(1, 'Running')] });
    const gatherer = following(world);
    gatherNow(gatherer, NOW);
    world.pods.upsert(member(1, 'Succeeded'));
    const { changes } = gatherNow(gatherer, NOW);
    expect(changes).toMatchObject([{ kind: 'charged', name: 'heat-uid', value: { parts: [{ released: [1] }] } }]);
  });

  it('a start that is not yet written counts as charged, until it is written, given up, or too old', () => {
    const world = worldWith({ jobs: [job('heat', { time: '1m' })] });
    const gatherer = following(world);
    gatherNow(gatherer, NOW);
    expect(gatherer.assume(start, NOW)).toBe('SimulationJob/demo/heat');
    gatherNow(gatherer, NOW + 1);
    const { waiting, charged } = gatherer.told.snapshot();
    expect(waiting).toEqual([]);
    expect(charged).toMatchObject([{ uid: 'heat-uid', startedAt: NOW, time: 60, parts: [{ members: 1 }] }]);

    expect(gatherer.nextDeadline).toBe(NOW + 240);
    expect(gatherNow(gatherer, NOW + 239).changes).toEqual([]);
    expect(gatherNow(gatherer, NOW + 240)).toMatchObject({
      due: true,
      changes: [{ kind: 'waiting' }, { kind: 'charged' }],
    });
    expect(gatherer.assumed('heat-uid')).toBeUndefined();

    gatherer.assume(start, NOW + 250);
    gatherNow(gatherer, NOW + 250);
    gatherer.reject('heat-uid');
    gatherNow(gatherer, NOW + 251);
    expect(gatherer.told.snapshot()).toMatchObject({ waiting: [{ uid: 'heat-uid' }], charged: [] });

    gatherer.assume(start, NOW + 260);
    const written = { attempts: 1, state: 'Admitted' as const, assignment: { ...assignment, members: 1 } };
    world.simulations.upsert(job('heat', { time: '1m' }, written) as never);
    gatherNow(gatherer, NOW + 261);
    expect(gatherer.assumed('heat-uid')).toBeUndefined();
    expect(gatherer.told.snapshot().charged).toMatchObject([{ startedAt: Date.parse('2026-01-01T00:50:00Z') / 1000 }]);
  });

  it('a start of a job that is not waiting is nobody’s', () => {
    const gatherer = following(worldWith({ jobs: [job('heat', { suspend: true })] }));
    gatherNow(gatherer, NOW);
    expect(gatherer.assume(start, NOW)).toBeUndefined();
  });

  it('time ends back-offs, avoided nodes and maintenance', () => {
    const world = worldWith({
      jobs: [
        job(
          'heat',
          {},
          {
            state: 'Restarting',
            requeueAt: '2026-01-01T01:00:10Z',
            avoid: [{ node: 'x', until: '2026-01-01T01:00:20Z' }],
          },
        ),
      ],
    });
    const window = { name: 'w', start: '2026-01-01T01:00:30Z', end: '2026-01-01T01:00:40Z' };
    world.pools.upsert(pool('default', { maintenance: [window] }));
    const gatherer = following(world);
    gatherNow(gatherer, NOW);
    const seen: unknown[] = [];
    while (gatherer.nextDeadline < Number.POSITIVE_INFINITY) {
      const at = gatherer.nextDeadline;
      const { changes, due } = gatherNow(gatherer, at);
      if (due) seen.push([at - NOW, changes.map(({ kind }) => kind)]);
    }
    // Back-off and the beginning of maintenance are the planner's to see: what it was told has not changed.
    expect(seen).toEqual([
      [10, []],
      [20, ['waiting']],
      [30, []],
      [40, ['maintenance']],
    ]);
  });

  it('what is over is ahead again when the clock is set back', () => {
    const world = worldWith({ jobs: [job('heat', {}, { avoid: [{ node: 'x', until: '2026-01-01T01:00:20Z' }] })] });
    const gatherer = following(world);
    gatherNow(gatherer, NOW + 60);
    expect(gatherer.told.snapshot().waiting).toMatchObject([{ avoid: [] }]);
    gatherNow(gatherer, NOW);
    expect(gatherer.told.snapshot().waiting).toMatchObject([{ avoid: ['x'] }]);
  });

  it('what is free on a node, beside a gang, is what others hold there', () => {
    const world = worldWith({
      nodes: [node('a', '8')],
      jobs: [job('heat', {}, running)],
      pods: [member(0, 'Running'), member(1, 'Running'), boundPod('other', 'a', '250m')],
    });
    const gatherer = following(world);
    gatherNow(gatherer, NOW);
    const [a] = gatherer.told.snapshot().nodes;
    if (!a) throw new Error('no node');
    expect(gatherer.told.freeOn(a, 'heat-uid')).toMatchObject({ cpu: 7750, pods: 109 });
    expect(gatherer.told.freeOn(a, 'another')).toMatchObject({ cpu: 5750, pods: 107 });
    world.simulations.replace([], '9');
    gatherNow(gatherer, NOW);
    // Its pods are strangers now.
    expect(gatherer.told.freeOn(a, 'another')).toMatchObject({ cpu: 5750, pods: 107 });
  });

  it('keeps nothing of what is gone', () => {
    const world = worldWith({
      nodes: [node('a', '8')],
      jobs: [
        job('heat', {}, running),
        job('back', {}, { requeueAt: '2026-01-01T02:00:00Z', avoid: [{ node: 'x', until: '2026-01-01T03:00:00Z' }] }),
        job('starts'),
      ],
      pods: [member(0, 'Running'), boundPod('other', 'a', '250m')],
    });
    const window = { name: 'w', start: '2026-01-01T01:30:00Z', end: '2026-01-01T01:40:00Z' };
    world.pools.upsert(pool('default', { maintenance: [window] }));
    const gatherer = following(world);
    gatherNow(gatherer, NOW);
    gatherer.assume({ ...start, uid: 'starts-uid' }, NOW);
    gatherNow(gatherer, NOW);
    for (const store of [world.pods, world.simulations, world.nodes, world.queues, world.pools]) store.replace([], '9');
    gatherNow(gatherer, NOW + 1);
    for (const list of Object.values(gatherer.told.snapshot())) expect(list).toEqual([]);
    for (const uid of ['heat-uid', 'back-uid', 'starts-uid']) {
      expect(gatherer.keyOf(uid)).toBeUndefined();
      expect(gatherer.assumed(uid)).toBeUndefined();
    }
    expect(gatherer.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });
});
