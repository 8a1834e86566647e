/** Ends that somebody asked for, and what is done before them. */
import { describe, expect, it } from 'vitest';
import { JobWorld, types } from '../world.ts';

describe('suspension, deletion, draining and the walltime', () => {
  it('a suspended gang is stopped and waits without an assignment; resumed, it queues again', () => {
    const world = new JobWorld();
    world.toRunning();
    world.spec['suspend'] = true;
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'Suspended' });
    world.end(0, 143);
    world.end(1, 143);
    world.settle();
    expect(world.status.state).toBe('Suspended');
    expect(world.status.failure).toBeUndefined();
    expect(world.pods.size).toBe(0);
    world.spec['suspend'] = false;
    world.settle();
    expect(world.status.state).toBe('Queued');
  });

  it('a program that checkpoints is asked before it is stopped', () => {
    const world = new JobWorld({
      volumes: [{ name: 'scratch', path: '/ckpt', emptyDir: {} }],
      checkpoint: { volume: 'scratch', signal: 'USR2', before: '30s' },
    });
    world.toRunning();
    world.spec['suspend'] = true;
    world.settle();
    expect(world.decide().effects.find((e) => e.type === 'Signal')).toMatchObject({ signal: { name: 'USR2' } });
    world.now += 31;
    expect(world.decide().effects.find((e) => e.type === 'Signal')).toMatchObject({ signal: { stop: 'Suspended' } });
  });

  it('a deleted job stays, charged, until its pods are over', () => {
    const world = new JobWorld();
    world.toRunning();
    world.deleting = true;
    world.settle();
    expect(world.exists).toBe(true);
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'Deleting' });
    expect([...world.pods.values()].every((p) => p.deleting)).toBe(true);
    world.pods.clear();
    world.settle();
    expect(world.exists).toBe(false);
  });

  it('a draining queue sends its gangs back', () => {
    const world = new JobWorld();
    world.toRunning();
    world.draining = true;
    world.settle();
    world.end(0, 143);
    world.end(1, 143);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Queued', reason: 'QueueDrained' });
    expect(world.status.requeueAt).toBeUndefined();
  });

  it('the walltime ends the job for good', () => {
    const world = new JobWorld({ time: '1m', restarts: 3 });
    world.toRunning();
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 60 }]);
    world.now += 60;
    world.settle();
    world.end(0, 143);
    world.end(1, 143);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'TimeLimitExceeded' });
  });

  it('the checkpoint signal comes once, before the walltime ends', () => {
    const world = new JobWorld({
      time: '1m',
      volumes: [{ name: 'scratch', path: '/ckpt', emptyDir: {} }],
      checkpoint: { volume: 'scratch', before: '20s' },
    });
    world.toRunning();
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 40 }]);
    world.now += 40;
    expect(types(world.decide().effects)).toEqual(['Signal', 'PatchStatus', 'Requeue']);
    world.settle();
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 20 }]);
  });

  it('draining asks for a checkpoint before it stops', () => {
    const world = new JobWorld({
      volumes: [{ name: 'scratch', path: '/ckpt', emptyDir: {} }],
      checkpoint: { volume: 'scratch', before: '30s' },
    });
    world.toRunning();
    world.draining = true;
    world.settle();
    expect(world.decide().effects.find((e) => e.type === 'Signal')).toMatchObject({ signal: { name: 'USR1' } });
  });
});
