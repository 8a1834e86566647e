import { describe, expect, it } from 'vitest';
import { backoffSeconds } from '../../../operator/core/lifecycle/ending.ts';
import type { Effect } from '../../../operator/core/lifecycle/types.ts';
import { failureMessage, JobWorld, SUCCESS } from './world.ts';

const types = (effects: readonly Effect[]): string[] => effects.map((e) => e.type);

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

describe('failures of the program', () => {
  it('a rank that ends with 7 fails the job with rank, member, code and tail', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(0, 7, failureMessage(7));
    world.end(1, 7);
    world.settle();
    expect(world.status).toMatchObject({
      state: 'Failed',
      reason: 'ProgramFailed',
      failure: { exitCode: 7, rank: 1, member: 1, node: 'b', tail: 'boom', attempt: 1 },
    });
  });

  it('restarts as often as spec.restarts says, as a new attempt with a new name', () => {
    const world = new JobWorld({ restarts: 1 });
    world.toRunning();
    const first = world.status.assignment?.name;
    world.end(0, 7, failureMessage(7));
    world.end(1, 7);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', restarts: 1, reason: 'ProgramFailed' });
    expect(world.status.assignment).toBeUndefined();
    world.now += 10;
    world.toRunning();
    expect(world.status.assignment).toMatchObject({ attempt: 2 });
    expect(world.status.assignment?.name).not.toBe(first);
    world.end(0, 7, failureMessage(7));
    world.end(1, 7);
    world.settle();
    expect(world.status.state).toBe('Failed');
  });

  it('a member killed for memory is named as such, whatever the launcher says', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(1, 137, undefined, 'OOMKilled');
    world.end(0, 137, failureMessage(137));
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'OutOfMemory', failure: { member: 1 } });
  });

  it('also when the launcher’s account comes before the kubelet’s word', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(0, 137, failureMessage(137));
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'ProgramFailed' });
    world.end(1, 137, undefined, 'OOMKilled');
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'OutOfMemory', failure: { member: 1 } });
  });

  it('a result that is not verified is a failure', () => {
    const world = new JobWorld();
    world.toRunning();
    const message = JSON.parse(SUCCESS) as { result: { verified: boolean; check?: object } };
    message.result.verified = false;
    message.result.check = { name: 'error', value: 0.5, tol: 0.1 };
    world.end(0, 0, JSON.stringify(message));
    world.end(1, 0);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'VerificationFailed' });
    expect(world.status.message).toContain('error is 0.5, allowed 0.1');
  });

  it('a command that is not in the image fails at once, without retries', () => {
    const world = new JobWorld({ restarts: 5 });
    world.settle(world.start());
    world.run(0);
    world.run(1);
    world.end(0, 127, failureMessage(127, { cause: 'CommandNotFound', message: 'nosuch: not found', started: false }));
    world.end(1, 143);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'CommandNotFound', message: 'nosuch: not found' });
    expect(world.status.startedAt).toBeUndefined();
  });
});

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
});

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

describe('one attempt after another', () => {
  it('does not show the earlier one’s result as its own', () => {
    const world = new JobWorld({ restarts: 1 });
    world.toRunning();
    const wrong = JSON.parse(SUCCESS) as { result: { verified: boolean } };
    wrong.result.verified = false;
    world.end(0, 0, JSON.stringify(wrong));
    world.end(1, 0);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', result: { verified: false } });
    world.now += 60;
    world.settle(world.start());
    expect(world.status.state).toBe('Starting');
    expect(world.status).not.toHaveProperty('result');
    expect(world.status).not.toHaveProperty('figureOfMerit');
    expect(world.status).not.toHaveProperty('runSeconds');
    expect(world.status.failure?.reason).toBe('VerificationFailed');
  });

  it('a silent member 0 is looked at again although nothing more may happen', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(1, 75);
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 20 }]);
    world.now += 20;
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'MemberLost' });
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

describe('the back-off', () => {
  it('is nothing at first, then doubles up to five minutes', () => {
    expect([0, 1, 2, 3, 6, 7, 8, 50].map(backoffSeconds)).toEqual([0, 5, 10, 20, 160, 300, 300, 300]);
  });
});
