/** What kubelets and registries say of a pod that does not start. */
import { describe, expect, it } from 'vitest';
import { JobWorld } from '../world.ts';

describe('what kubelets and registries say', () => {
  it('is cut to what the schema takes', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    world.report(0, { waiting: { reason: 'InvalidImageName', message: 'x'.repeat(9000) } });
    world.settle();
    const { status } = world;
    const texts = [status.message, status.failure?.message, status.assignment?.ending?.message];
    expect(texts.map((text) => text?.length)).toEqual([4096, 4096, 4096]);
    expect(status.conditions?.every((c) => c.message.length <= 4096)).toBe(true);
  });

  it('a complaint that the kubelet may cure by itself is given time, and is not the program’s fault', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    const message = 'failed to sync secret cache: timed out waiting for the condition';
    world.report(0, { waiting: { reason: 'CreateContainerConfigError', message } });
    world.settle();
    expect(world.status.state).toBe('Starting');
    world.now += 61;
    world.bind(1);
    world.settle();
    expect(world.status.assignment?.ending).toMatchObject({ next: 'Restarting', reason: 'ContainerFailed' });
  });

  it('a secret that does not exist is final at once', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    world.report(0, { waiting: { reason: 'CreateContainerConfigError', message: 'secret "s" not found' } });
    world.settle();
    expect(world.status.assignment?.ending).toMatchObject({ next: 'Failed', reason: 'ContainerRefused' });
  });

  it('a node that refuses a bound pod is avoided', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    world.bind(1);
    world.report(1, { phase: 'Failed', podReason: 'UnexpectedAdmissionError' });
    world.settle();
    world.pods.delete(world.member(0).name);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', reason: 'PodEvicted', avoid: [{ node: 'b' }] });
  });

  it('pulling again is told as such', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    world.report(0, { waiting: { reason: 'ErrImagePull', message: 'later' } });
    world.settle();
    const { waiting: _, ...cured } = world.member(0);
    world.pods.set(cured.name, cured);
    world.settle();
    expect(world.status.reason).toBe('PodsStarting');
  });
});
