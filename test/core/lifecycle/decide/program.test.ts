/** Failures of the program, and what they cost of its restarts. */
import { describe, expect, it } from 'vitest';
import { failureMessage, JobWorld, SUCCESS } from '../world.ts';

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
