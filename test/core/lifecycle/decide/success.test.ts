/** A gang that goes well, from its plan to its time to live. */
import { describe, expect, it } from 'vitest';
import { JobWorld, SUCCESS, types } from '../world.ts';

describe('a gang that goes well', () => {
  it('writes its assignment before it creates anything', () => {
    const world = new JobWorld();
    const { effects } = world.decide(world.start());
    const order = types(effects);
    expect(order.indexOf('AddFinalizer')).toBeLessThan(order.indexOf('PatchStatus'));
    expect(order.indexOf('PatchStatus')).toBeLessThan(order.indexOf('CreateDependent'));
    expect(order.lastIndexOf('CreateDependent')).toBeLessThan(order.indexOf('CreatePod'));
    expect(order.filter((t) => t === 'CreatePod')).toHaveLength(2);
  });

  it('lifts the gates only when every pod exists, after the state says so', () => {
    const world = new JobWorld();
    world.settle(world.start());
    expect(world.status.state).toBe('Starting');
    const lifted = world.performed.findIndex((e) => e.type === 'LiftGate');
    const created = world.performed.findLastIndex((e) => e.type === 'CreatePod');
    const said = world.performed.findIndex((e) => e.type === 'PatchStatus' && e.status.state === 'Starting');
    expect(created).toBeLessThan(said);
    expect(said).toBeLessThan(lifted);
    expect([...world.pods.values()].some((p) => p.gated)).toBe(false);
  });

  it('is Running when member 0 is ready, not when pods run', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.run(0);
    world.run(1);
    world.settle();
    expect(world.status.state).toBe('Starting');
    world.report(0, { ready: true });
    world.settle();
    expect(world.status).toMatchObject({ state: 'Running', reason: 'Running' });
    expect(world.status.conditions?.find((c) => c.type === 'Running')?.status).toBe('True');
  });

  it('succeeds with its figures, keeps its pods and lets go of everything else', () => {
    const world = new JobWorld();
    world.toRunning();
    world.now += 10;
    world.end(0, 0, SUCCESS);
    world.settle();
    expect(world.status.state).toBe('Stopping'); // member 1 has not ended yet
    expect(world.member(1).deleting).toBe(false);
    world.end(1, 0);
    world.settle();
    expect(world.status).toMatchObject({
      state: 'Succeeded',
      reason: 'ProvenAndVerified',
      figureOfMerit: '6.700e+7 cells/s',
      runSeconds: 10,
      result: { verified: true, kernel: 'heat' },
    });
    expect(world.pods.size).toBe(2);
    expect(world.finalizer).toBe(false);
    const gone = world.performed.flatMap((e) => (e.type === 'DeleteDependent' ? [e.what] : []));
    expect(gone).toEqual(['NetworkPolicy', 'Service', 'Secret']);
  });

  it('a gang too short to be seen Running still succeeds with its times', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.run(0);
    world.run(1);
    world.end(0, 0, SUCCESS);
    world.end(1, 0);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Succeeded', waitSeconds: 10, runSeconds: 10 });
    expect(world.performed.some((e) => e.type === 'Record' && e.record.what === 'started')).toBe(true);
  });

  it('leaves a member alone whose kubelet is slower to report than member 0 is to succeed', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.run(0);
    world.bind(1); // runs and ends, but nothing of it is known yet
    world.end(0, 0, SUCCESS);
    world.settle();
    expect(world.status.state).toBe('Stopping');
    expect(world.member(1).deleting).toBe(false);
    world.end(1, 0);
    world.settle();
    expect(world.status.state).toBe('Succeeded');
    expect(world.pods.size).toBe(2);
  });

  it('says nothing once it has ended', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(0, 0, SUCCESS);
    world.end(1, 0);
    world.settle();
    expect(world.decide().effects).toEqual([]);
  });

  it('is deleted after its time to live', () => {
    const world = new JobWorld({ ttl: '1h' });
    world.toRunning();
    world.end(0, 0, SUCCESS);
    world.end(1, 0);
    world.settle();
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 3600 }]);
    world.now += 3600;
    expect(types(world.decide().effects)).toEqual(['DeleteJob']);
  });
});
