import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../operator/core/lifecycle/types.ts';
import { chooseWay, wayOf } from '../../../operator/core/lifecycle/way.ts';
import { JobWorld } from './world.ts';

const typesOf = (effects: readonly Effect[]): string[] => effects.map(({ type }) => type);

describe('the way of placing', () => {
  it.each([
    ['exclusive', false, 'pinned'],
    ['exclusive', true, 'pinned'],
    ['shared', false, 'gate'],
    ['shared', true, 'podGroup'],
  ] as const)('in a pool that is %s, PodGroups served: %s, is %s', (sharing, podGroups, way) => {
    expect(chooseWay({ sharing, podGroups })).toBe(way);
  });

  it('of an attempt that an earlier version of the operator wrote is the gate', () => {
    expect(wayOf({})).toBe('gate');
  });

  it('is written into the assignment, and stays when the cluster changes', () => {
    const world = new JobWorld();
    world.way = 'pinned';
    world.settle(world.start());
    world.way = 'gate';
    world.settle();
    expect(world.status.assignment?.way).toBe('pinned');
  });
});

describe.each(['pinned', 'podGroup'] as const)('a gang that is bound by the way %s', (way) => {
  it('starts without a gate and runs once all members are bound', () => {
    const world = new JobWorld();
    world.way = way;
    world.settle(world.start());
    expect(world.status.state).toBe('Starting');
    expect(typesOf(world.performed)).not.toContain('LiftGate');
    world.run(0);
    world.report(0, { ready: true });
    world.settle();
    expect(world.status.state).toBe('Starting');
    world.run(1);
    world.settle();
    expect(world.status.state).toBe('Running');
  });

  it('is given up whole when a member finds no room', () => {
    const world = new JobWorld();
    world.way = way;
    world.settle(world.start());
    world.run(0);
    world.report(1, { unschedulable: 'Insufficient cpu' });
    world.now += 61;
    const { effects } = world.decide();
    // The member that runs has only waited for the other: it goes at once, and nobody is asked to save anything.
    const deleted = effects.flatMap((e) => (e.type === 'DeletePod' ? [[e.pod, e.idle]] : []));
    expect(deleted).toEqual([
      [world.member(0).name, true],
      [world.member(1).name, true],
    ]);
    expect(effects).toContainEqual(expect.objectContaining({ type: 'EmitEvent', reason: 'UnscheduledTimeout' }));
    // A scheduler that knows PodGroups would have bound neither.
    expect(typesOf(effects).includes('DistrustPodGroups')).toBe(way === 'podGroup');
  });
});

describe('a PodGroup', () => {
  const grouped = (): JobWorld => {
    const world = new JobWorld();
    world.way = 'podGroup';
    return world;
  };

  it('is made before the pods and goes after them', () => {
    const world = grouped();
    world.settle(world.start());
    const made = world.performed.map((e) => (e.type === 'CreateDependent' ? e.what : e.type));
    expect(made).toContain('PodGroup');
    expect(made.indexOf('PodGroup')).toBeLessThan(made.indexOf('CreatePod'));
    world.deleting = true;
    world.settle();
    const order = world.performed.map((e) => (e.type === 'DeleteDependent' ? e.what : e.type));
    expect(order.indexOf('PodGroup')).toBeGreaterThan(order.lastIndexOf('DeletePod'));
  });

  it('is none of a gang behind the gate', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.deleting = true;
    world.settle();
    expect(JSON.stringify(world.performed)).not.toContain('PodGroup');
  });

  it('that the API server dropped from a pod ends the attempt and is not trusted again', () => {
    const world = grouped();
    world.keepsGroups = false;
    const { effects } = world.decide(world.start());
    for (const effect of effects) world.perform(effect);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Queued', failure: { reason: 'PodGroupIgnored', attempt: 1 } });
    expect(world.status.infrastructureRetries).toBeUndefined();
    expect(typesOf(world.performed)).toContain('DistrustPodGroups');
    expect(world.pods.size).toBe(0);
  });

  it('of which nothing is bound keeps its trust', () => {
    const world = grouped();
    world.settle(world.start());
    world.now += 61;
    world.settle();
    expect(world.status.failure?.reason).toBe('UnscheduledTimeout');
    expect(typesOf(world.performed)).not.toContain('DistrustPodGroups');
  });
});
