import { describe, expect, it } from 'vitest';
import { Planner } from '../../operator/controllers/planner.ts';
import type { World } from '../../operator/controllers/world.ts';
import { silentLog } from '../../operator/kube/ports.ts';
import { ManualClock } from '../kube/manualClock.ts';
import { job, node, worldWith } from './fixtures.ts';

/** A planner over `world`, and what it enqueued since it was last asked. */
function plannerOver(world: World) {
  const clock = new ManualClock();
  const told: string[] = [];
  let plans = 0;
  const planner = new Planner({
    world,
    clock,
    log: silentLog,
    enqueue: (key) => told.push(key),
    onPlan: () => {
      plans += 1;
    },
  });
  const stop = new AbortController();
  const running = planner.run(stop.signal);
  return {
    planner,
    told: () => told.splice(0),
    plans: () => plans,
    /** Lets the idle delay pass and the plan be made. */
    settle: async () => {
      clock.advance(200);
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => {
      stop.abort();
      await running;
    },
  };
}

describe('the planning loop', () => {
  it('tells a job its start, and gives the same room to nobody else until the start is written or given up', async () => {
    const world = worldWith({ nodes: [node('a', '1')], jobs: [job('first'), job('second')] });
    const p = plannerOver(world);
    await p.settle();
    const verdicts = ['first-uid', 'second-uid'].map((uid) => p.planner.verdict(uid) ?? {});
    expect(verdicts.filter((v) => 'start' in v)).toHaveLength(1);
    const started = 'start' in (verdicts[0] ?? {}) ? 'first' : 'second';
    const other = started === 'first' ? 'second' : 'first';

    p.planner.changed();
    await p.settle();
    expect(p.planner.verdict(`${started}-uid`)).toHaveProperty('start');
    expect(p.planner.verdict(`${other}-uid`)).toMatchObject({ wait: { reason: 'WaitingForRoom' } });
    await p.end();
  });

  it('frees the room of a start that could not be written', async () => {
    const world = worldWith({ nodes: [node('a', '1')], jobs: [job('first')] });
    const p = plannerOver(world);
    await p.settle();
    expect(p.planner.verdict('first-uid')).toHaveProperty('start');
    p.planner.reject('first-uid');
    expect(p.planner.verdict('first-uid')).toBeUndefined();
    world.simulations.replace([job('other')] as never, '9');
    await p.settle();
    expect(p.planner.verdict('other-uid')).toHaveProperty('start');
    await p.end();
  });

  it('wakes only those it has news for', async () => {
    const waiting = { reason: 'WaitingForRoom', state: 'Queued' as const, position: 1 };
    const world = worldWith({
      nodes: [node('a', '2')],
      jobs: [job('large', { nodes: 2, resources: { cpu: '2' } }, waiting)],
    });
    // Larger than the pool: the reason differs from what stands in the status.
    const p = plannerOver(world);
    await p.settle();
    expect(p.told()).toEqual(['SimulationJob/demo/large']);
    expect(p.planner.verdict('large-uid')).toMatchObject({ wait: { reason: 'ExceedsPool' } });

    const verdict = p.planner.verdict('large-uid');
    const message = verdict && 'wait' in verdict ? verdict.wait.message : '';
    const said = { reason: 'ExceedsPool', state: 'Queued' as const, position: 1, observedGeneration: 1, message };
    world.simulations.replace([job('large', { nodes: 2, resources: { cpu: '2' } }, said)] as never, '9');
    p.planner.changed();
    await p.settle();
    expect(p.told()).toEqual([]);
    await p.end();
  });

  it('gathers changes that come together into one plan', async () => {
    const p = plannerOver(worldWith({ nodes: [node('a', '1')] }));
    await p.settle();
    const before = p.plans();
    for (let i = 0; i < 50; i += 1) p.planner.changed();
    await p.settle();
    expect(p.plans()).toBe(before + 1);
    await p.end();
  });
});
