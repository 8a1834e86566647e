/** Failures around the program: nodes, pods and writes that go wrong under it. */
import { describe, expect, it } from 'vitest';
import { failureMessage, JobWorld, SUCCESS } from '../world.ts';

describe('failures around the program', () => {
  it('a lost node restarts the gang at once elsewhere and is not the program’s fault', () => {
    const world = new JobWorld();
    world.toRunning();
    world.nodes = { ...world.nodes, b: { exists: true, ready: false } };
    world.settle();
    expect(world.status.state).toBe('Running'); // not ready alone is not lost
    world.report(1, { deleting: true, disruption: 'DeletionByTaintManager' });
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'NodeLost' });
    const told = world.decide().effects.find((e) => e.type === 'Signal');
    expect(told).toMatchObject({ ip: '10.0.0.1', signal: { stop: 'NodeLost' } });
    world.end(0, 143);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', infrastructureRetries: 1 });
    expect(world.status.restarts ?? 0).toBe(0);
    expect(world.status.requeueAt).toBeUndefined();
    expect(world.status.avoid?.map((e) => e.node)).toEqual(['b']);
  });

  it('a node that is deleted is lost at once, whatever still stands of its pods', () => {
    const world = new JobWorld();
    world.toRunning();
    world.nodes = { ...world.nodes, b: { exists: false, ready: false } };
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'NodeLost', failure: { node: 'b', member: 1 } });
  });

  it('a finalizer that was taken off comes back while the gang runs', () => {
    const world = new JobWorld();
    world.toRunning();
    world.finalizer = false;
    expect(world.decide().effects).toEqual([{ type: 'AddFinalizer' }]);
    world.settle();
    expect(world.finalizer).toBe(true);
  });

  it('a pod that has lost its owner reference goes when its job has ended or goes', () => {
    const ended = new JobWorld();
    ended.toRunning();
    ended.report(1, { disowned: true });
    expect(ended.status.state).toBe('Running');
    ended.end(1, 0);
    ended.end(0, 0, SUCCESS);
    ended.settle();
    expect(ended.status.state).toBe('Succeeded');
    expect([...ended.pods.values()].filter(({ deleting }) => !deleting).map(({ member }) => member)).toEqual([0]);

    const deleted = new JobWorld();
    deleted.toRunning();
    deleted.report(1, { disowned: true });
    deleted.end(1, 0);
    deleted.end(0, 0, SUCCESS);
    deleted.deleting = true;
    const removed = deleted.decide().effects.flatMap((each) => (each.type === 'DeletePod' ? [each.uid] : []));
    expect(removed).toEqual([[...deleted.pods.values()].find(({ member }) => member === 1)?.uid]);
  });

  it('a lost member costs a retry of the infrastructure, and none of the program', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(0, 75, failureMessage(75, { cause: 'MemberLost', message: 'member 1 was lost: it is silent' }));
    world.end(1, 75);
    world.settle();
    expect(world.status).toMatchObject({
      state: 'Restarting',
      reason: 'MemberLost',
      infrastructureRetries: 1,
      failure: { member: 1, attempt: 1, exitCode: 75 },
    });
    expect(world.status).not.toHaveProperty('restarts');
    expect(world.status).not.toHaveProperty('requeueAt');
  });

  it('gives up after infrastructureRetries', () => {
    const world = new JobWorld({ infrastructureRetries: 0 });
    world.toRunning();
    world.end(0, 75, failureMessage(75, { cause: 'MemberLost', message: 'member 1 fell silent' }));
    world.end(1, 75);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'MemberLost' });
  });

  it('a pod that somebody deletes ends the attempt everywhere', () => {
    const world = new JobWorld();
    world.toRunning();
    world.report(1, { deleting: true });
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'PodDeleted' });
  });

  it('a refused pod rolls the gang back, counts no retry and backs off longer each time', () => {
    const world = new JobWorld();
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      for (const effect of world.decide(world.start()).effects) {
        if (effect.type === 'CreatePod' && effect.member === 1) break;
        world.perform(effect);
      }
      const refusal = { attempt, reason: 'PodsRefused' as const, message: 'exceeded quota: pods=1' };
      world.settle(world.observe({ refusal }));
      expect(world.status).toMatchObject({ state: 'Queued', reason: 'PodsRefused', message: 'exceeded quota: pods=1' });
      expect(world.pods.size).toBe(0);
      delays.push(Math.round(Date.parse(world.status.requeueAt ?? '') / 1000 - world.now));
      world.now += 1000;
    }
    expect(delays).toEqual([5, 10, 20]);
    expect(world.status.infrastructureRetries ?? 0).toBe(0);
  });

  it('a gang that is not bound in time goes back and avoids the node', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    world.report(1, { unschedulable: '0/2 nodes are available: 1 Insufficient cpu.' });
    world.now += 61;
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'UnscheduledTimeout' });
    expect(world.status.message).toContain('Insufficient cpu');
    world.pods.clear();
    world.settle();
    expect(world.status).toMatchObject({ state: 'Queued', avoid: [{ node: 'b' }] });
  });

  it('says at once that an image cannot be pulled, and gives up later', () => {
    const world = new JobWorld({ infrastructureRetries: 0 });
    world.settle(world.start());
    world.bind(0);
    world.bind(1);
    world.report(0, { waiting: { reason: 'ErrImagePull', message: 'not found' } });
    world.settle();
    expect(world.status).toMatchObject({ state: 'Starting', reason: 'ImagePullFailed' });
    world.now += 61;
    world.settle();
    for (const pod of world.pods.keys()) world.pods.delete(pod);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'ImagePullFailed' });
  });

  it('an image that insists on root fails with the remedy in the table', () => {
    const world = new JobWorld();
    world.settle(world.start());
    world.bind(0);
    const message = 'container has runAsNonRoot and image will run as root';
    world.report(0, { waiting: { reason: 'CreateContainerConfigError', message } });
    world.settle();
    expect(world.status).toMatchObject({ reason: 'ImageRunsAsRoot' });
    expect(world.status.assignment?.ending?.next).toBe('Failed');
  });
});
