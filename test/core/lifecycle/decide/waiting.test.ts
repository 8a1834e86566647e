/** A job that waits, and what it says of its start. */
import { describe, expect, it } from 'vitest';
import { JobWorld, types } from '../world.ts';

describe('waiting', () => {
  const wait = (more: object = {}) => ({
    wait: { uid: 'uid-1', position: 3, reason: 'WaitingForRoom', message: 'm', ...more },
  });

  it('an invalid manifest fails with the field', () => {
    const world = new JobWorld({ nodes: 0 });
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'InvalidSpec' });
    expect(world.status.message).toContain('nodes');
  });

  /** An estimate in so many seconds from now, and its interval. */
  const eta = (world: JobWorld, seconds: number) => ({
    eta: { earliest: world.now + seconds / 2, expected: world.now + seconds, latest: world.now + seconds * 3 },
  });

  it('shows reason, position and estimate, and is quiet while they hardly change', () => {
    const world = new JobWorld();
    world.settle(world.observe({ verdict: wait(eta(world, 1000)) }));
    expect(world.status).toMatchObject({
      state: 'Queued',
      reason: 'WaitingForRoom',
      position: 3,
      estimatedStart: '1970-01-12T14:03:20.000Z',
      estimatedStartEarliest: '1970-01-12T13:55:00.000Z',
      estimatedStartLatest: '1970-01-12T14:36:40.000Z',
    });
    const shifted = (by: number, more: object = {}) =>
      world.decide(world.observe({ verdict: wait({ ...eta(world, 1000 + by), ...more }) })).effects;
    expect(shifted(50)).toEqual([]);
    expect(types(shifted(50, { message: 'other figures' }))).toEqual(['PatchStatus']);
    expect(types(shifted(500))).toEqual(['PatchStatus']);
    expect(types(shifted(0, { position: 2 }))).toEqual(['PatchStatus']);
    expect(types(shifted(0, { reason: 'WaitingForQuota' }))).toEqual(['PatchStatus', 'EmitEvent']);
    expect(types(shifted(0, { eta: undefined }))).toEqual(['PatchStatus']);
  });

  it('says nothing more of its start once it has begun, is suspended, or nobody can tell', () => {
    const foresight = ['position', 'estimatedStart', 'estimatedStartEarliest', 'estimatedStartLatest'];
    const told = (then: (world: JobWorld) => void): string[] => {
      const world = new JobWorld();
      world.settle(world.observe({ verdict: wait(eta(world, 1000)) }));
      expect(Object.keys(world.status)).toEqual(expect.arrayContaining(foresight));
      then(world);
      return Object.keys(world.status).filter((name) => foresight.includes(name));
    };
    expect(told((world) => world.settle(world.start()))).toEqual([]);
    const suspended = (world: JobWorld) => {
      world.spec['suspend'] = true;
      world.settle();
    };
    expect(told(suspended)).toEqual([]);
    expect(told((world) => world.settle(world.observe({ verdict: wait() })))).toEqual(['position']);
  });

  it('far from the head a change of position alone is not written', () => {
    const world = new JobWorld();
    world.settle(world.observe({ verdict: wait({ position: 501 }) }));
    expect(world.decide(world.observe({ verdict: wait({ position: 500 }) })).effects).toEqual([]);
  });
});

describe('starts that were overtaken', () => {
  it('a start planned for another attempt or another spec is not taken', () => {
    const world = new JobWorld();
    world.settle(
      world.observe({ verdict: { wait: { uid: 'uid-1', position: 1, reason: 'WaitingForRoom', message: 'm' } } }),
    );
    const { verdict } = world.start();
    if (!verdict || !('start' in verdict)) throw new Error('no start');
    for (const stale of [{ attempt: 2 }, { generation: 0 }]) {
      const observed = world.observe({ verdict: { start: { ...verdict.start, ...stale } } });
      expect(world.decide(observed).effects).toEqual([]);
    }
    expect(types(world.decide(world.start()).effects)).toContain('CreatePod');
  });
});
