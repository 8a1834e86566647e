import { describe, expect, it } from 'vitest';
import { PlanLoop } from '../../operator/controllers/planLoop.ts';
import type { World } from '../../operator/controllers/world.ts';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import { formatTime } from '../../operator/core/time.ts';
import { ManualClock } from '../kube/manualClock.ts';
import { job, memberPod, node, pool, queue, worldWith } from './fixtures.ts';

/** A loop over `world`, and what it did since it was last asked. `enqueued` is called for each job that is woken. */
function loopOver(world: World, enqueued: (clock: ManualClock) => void = () => undefined) {
  const clock = new ManualClock();
  const told: string[] = [];
  const made: { starts: number; waiting: number }[] = [];
  const platform: string[][] = [];
  const loop = new PlanLoop({
    world,
    policy: DEFAULT_POLICY,
    clock,
    enqueue: (key) => {
      told.push(key);
      enqueued(clock);
    },
    onPlatform: (nodes, queues) => platform.push([...nodes, ...queues]),
    onPlan: ({ starts, waiting }) => made.push({ starts, waiting }),
  });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  return {
    loop,
    clock,
    told: () => told.splice(0),
    made: () => made.splice(0),
    platform: () => platform.splice(0),
    /** Lets time pass, and what it brings be done. */
    settle: async (milliseconds = 200) => {
      clock.advance(milliseconds);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => {
      stop.abort();
      await running;
    },
  };
}

const text = (clock: ManualClock, after: number) => formatTime(clock.now() / 1000 + after);

describe('the planning loop', () => {
  it('tells a job its start, and gives the same room to nobody else until the start is written or given up', async () => {
    const world = worldWith({ nodes: [node('a', '1')], jobs: [job('first'), job('second')] });
    const p = loopOver(world);
    await p.settle();
    const verdicts = ['first-uid', 'second-uid'].map((uid) => p.loop.verdict(uid, 1) ?? {});
    expect(verdicts.filter((v) => 'start' in v)).toMatchObject([
      { start: { attempt: 1, generation: 1, request: { cpu: 1000 }, by: 'head', parts: [{ pool: 'default' }] } },
    ]);
    const started = 'start' in (verdicts[0] ?? {}) ? 'first' : 'second';
    const other = started === 'first' ? 'second' : 'first';

    world.nodes.upsert(node('b', '1', { spec: { unschedulable: true } }));
    await p.settle();
    expect(p.loop.verdict(`${started}-uid`, 1)).toHaveProperty('start');
    expect(p.loop.verdict(`${other}-uid`, 1)).toMatchObject({ wait: { reason: 'WaitingForRoom' } });
    expect(p.loop.latest?.snapshot.charged).toMatchObject([{ uid: `${started}-uid` }]);
    await p.end();
  });

  it('frees the room of a start that could not be written', async () => {
    const world = worldWith({ nodes: [node('a', '1')], jobs: [job('first')] });
    const p = loopOver(world);
    await p.settle();
    expect(p.loop.verdict('first-uid', 1)).toHaveProperty('start');
    p.loop.reject('first-uid');
    expect(p.loop.verdict('first-uid', 1)).toBeUndefined();
    world.simulations.replace([job('other')] as never, '9');
    await p.settle();
    expect(p.loop.verdict('other-uid', 1)).toHaveProperty('start');
    await p.end();
  });

  it('decides a start anew that nobody has written for long', async () => {
    const p = loopOver(worldWith({ nodes: [node('a', '1')], jobs: [job('first')] }));
    await p.settle();
    expect(p.told()).toEqual(['SimulationJob/demo/first']);
    await p.settle(239_000);
    expect(p.told()).toEqual([]);
    await p.settle(2_000);
    expect(p.told()).toEqual(['SimulationJob/demo/first']);
    await p.end();
  });

  it('wakes only those it has news for', async () => {
    const waiting = { reason: 'WaitingForRoom', state: 'Queued' as const, position: 1 };
    const large = { nodes: 2, resources: { cpu: '2' } };
    const world = worldWith({ nodes: [node('a', '2')], jobs: [job('large', large, waiting)] });
    // Larger than the pool: the reason differs from what stands in the status.
    const p = loopOver(world);
    await p.settle();
    expect(p.told()).toEqual(['SimulationJob/demo/large']);
    expect(p.loop.verdict('large-uid', 1)).toMatchObject({ wait: { reason: 'ExceedsPool' } });

    const verdict = p.loop.verdict('large-uid', 1);
    const message = verdict && 'wait' in verdict ? verdict.wait.message : '';
    const said = { reason: 'ExceedsPool', state: 'Queued' as const, position: 1, observedGeneration: 1, message };
    world.simulations.replace([job('large', large, said)] as never, '9');
    world.nodes.upsert(node('b', '1', { spec: { unschedulable: true } }));
    await p.settle();
    expect(p.told()).toEqual([]);
    await p.end();
  });

  it('plans by another policy from one moment to the next, and decides no start twice', async () => {
    const world = worldWith({
      nodes: [node('a', '2')],
      jobs: [job('first'), job('large', { resources: { cpu: '2' } }), job('long', { time: '48h' })],
    });
    const p = loopOver(world);
    await p.settle();
    const started = () =>
      ['first', 'large', 'long'].filter((name) => 'start' in (p.loop.verdict(`${name}-uid`, 1) ?? {}));
    const before = started();
    expect(before).toEqual(['first']);
    const decided = p.loop.verdict('first-uid', 1);
    const snapshot = p.loop.latest?.snapshot;
    p.made();

    const greedy = { ...DEFAULT_POLICY, reservations: 0 };
    p.loop.usePolicy(greedy);
    await p.settle();
    // The room of the start that nobody has written yet is not given away, nor is the start decided anew.
    expect(p.made()).toEqual([{ starts: 1, waiting: 1 }]);
    expect(started()).toEqual(['first', 'long']);
    expect(p.loop.verdict('first-uid', 1)).toEqual(decided);
    expect(p.loop.latest).toMatchObject({ policy: greedy, plan: { starts: [{ uid: 'long-uid' }] } });
    expect(p.loop.latest?.snapshot.nodes).toEqual(snapshot?.nodes);

    // The same policy again, or the old one back, starts nobody and forgets nobody.
    p.loop.usePolicy({ ...greedy });
    await p.settle();
    expect(p.made()).toEqual([]);
    p.loop.usePolicy(DEFAULT_POLICY);
    await p.settle();
    expect(p.made()).toEqual([{ starts: 0, waiting: 1 }]);
    expect(started()).toEqual(['first', 'long']);
    expect(p.loop.latest?.snapshot.charged.map(({ uid }) => uid).sort()).toEqual(['first-uid', 'long-uid']);
    await p.end();
  });

  it('says when a job should start that waits behind another', async () => {
    const clock = new ManualClock();
    const assignment = {
      attempt: 1,
      name: 'x',
      pool: 'default',
      queue: 'default',
      members: 1,
      placements: [{ node: 'a', first: 0, count: 1 }],
      resources: { cpu: 1000, pods: 1 },
      timeSeconds: 600,
      admittedAt: text(clock, -100),
    };
    const world = worldWith({
      nodes: [node('a', '1')],
      jobs: [job('runs', {}, { state: 'Running', attempts: 1, assignment }), job('waits')],
      pods: [memberPod({ owner: 'runs', member: 0 }, 'a', 'Running')],
    });
    const p = loopOver(world);
    await p.settle();
    const at = clock.now() / 1000 + 500;
    expect(p.loop.latest?.plan.reservations).toMatchObject([{ uid: 'waits-uid', at }]);
    const verdict = p.loop.verdict('waits-uid', 1);
    const eta = verdict && 'wait' in verdict ? verdict.wait.eta : undefined;
    if (!eta) throw new Error('no estimate');
    expect(eta.earliest).toBeLessThan(eta.expected);
    expect(eta.latest).toBeGreaterThan(at);
    await p.end();
  });

  it('gathers changes that come together into one plan, and makes none for what changes nothing', async () => {
    const world = worldWith({ nodes: [node('a', '1')] });
    const p = loopOver(world);
    await p.settle();
    expect(p.made()).toHaveLength(1);
    expect(p.platform()).toEqual([['a', 'default']]);
    for (let i = 0; i < 50; i += 1) world.simulations.upsert(job(`j${i}`) as never);
    await p.settle();
    expect(p.made()).toEqual([{ starts: 1, waiting: 49 }]);
    expect(p.platform()).toEqual([]);
    world.nodes.upsert(node('a', '1'));
    world.queues.upsert({ ...queue('default'), status: { pending: 49 } });
    world.pools.upsert(pool('default'));
    await p.settle();
    // What the start has changed is told with the next change.
    expect(p.made()).toHaveLength(1);
    world.nodes.upsert(node('a', '1'));
    await p.settle();
    expect(p.made()).toEqual([]);
    await p.end();
  });

  it('plans when time alone makes a difference, and now and then in any case', async () => {
    const clock = new ManualClock();
    const world = worldWith({
      nodes: [node('a', '1')],
      jobs: [job('back', {}, { state: 'Restarting', attempts: 1, requeueAt: text(clock, 12) })],
    });
    const p = loopOver(world);
    await p.settle();
    expect(p.loop.verdict('back-uid', 1)).toMatchObject({ wait: { reason: 'BackingOff' } });
    await p.settle(11_000);
    expect(p.loop.verdict('back-uid', 1)).toHaveProperty('wait');
    await p.settle(1_000);
    expect(p.loop.verdict('back-uid', 1)).toHaveProperty('start');
    p.made();
    world.simulations.replace([], '9');
    await p.settle();
    await p.settle(30_000);
    await p.settle(30_000);
    expect(p.made()).toHaveLength(3);
    await p.end();
  });

  it('tells the jobs later where telling takes long, and then all at once', async () => {
    const world = worldWith({ nodes: [node('a', '1', { spec: { unschedulable: true } })], jobs: [job('one')] });
    const p = loopOver(world, (clock) => clock.skip(300));
    await p.settle();
    expect(p.told()).toEqual(['SimulationJob/demo/one']);
    world.simulations.upsert(job('two') as never);
    await p.settle();
    world.simulations.upsert(job('three') as never);
    await p.settle();
    expect(p.made()).toHaveLength(3);
    expect(p.told()).toEqual([]);
    expect(p.loop.verdict('two-uid', 1)).toBeUndefined();
    await p.settle(1_000);
    expect(p.told().sort()).toEqual(['one', 'three', 'two'].map((name) => `SimulationJob/demo/${name}`));
    expect(p.loop.verdict('two-uid', 1)).toHaveProperty('wait');
    expect(p.made()).toEqual([]);
    await p.end();
  });

  it('forgets jobs that are gone', async () => {
    const world = worldWith({ nodes: [node('a', '1')], jobs: [job('first'), job('second')] });
    const p = loopOver(world);
    await p.settle();
    world.simulations.replace([], '9');
    await p.settle();
    for (const uid of ['first-uid', 'second-uid']) expect(p.loop.verdict(uid, 1)).toBeUndefined();
    expect(p.loop.latest?.snapshot).toMatchObject({ waiting: [], charged: [] });
    expect(p.loop.view().plan).toEqual({ starts: [], waits: [] });
    await p.end();
  });
});
