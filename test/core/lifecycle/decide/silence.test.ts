/** A member has failed, and member 0 says nothing, or says it late. */
import { describe, expect, it } from 'vitest';
import { failureMessage, JobWorld, LOST_MEMBER_0, SUCCESS } from '../world.ts';

/** A gang that runs, and whose worker ends with 75 and this message. */
function bereft(message: string | undefined, spec: Record<string, unknown> = {}): JobWorld {
  const world = new JobWorld(spec);
  world.toRunning();
  world.end(1, 75, message);
  world.settle();
  expect(world.status.state).toBe('Running');
  return world;
}

/** The same, once member 0 was given up. */
function givenUp(spec: Record<string, unknown> = {}): JobWorld {
  const world = bereft(LOST_MEMBER_0, spec);
  world.now += 5;
  world.settle();
  expect(world.status).toMatchObject({ state: 'Stopping', reason: 'MemberLost', failure: { reason: 'MemberLost' } });
  return world;
}

describe('a worker that failed while member 0 is silent', () => {
  it('a silent member 0 is looked at again although nothing more may happen', () => {
    const world = new JobWorld();
    world.toRunning();
    world.end(1, 75);
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 20 }]);
    world.now += 20;
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'MemberLost' });
  });

  it('is believed after a few seconds if it says that it has lost member 0, and that costs a retry', () => {
    const world = bereft(LOST_MEMBER_0);
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 5 }]);
    world.now += 4;
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 1 }]);
    world.now += 1;
    world.settle();
    expect(world.status).toMatchObject({
      state: 'Stopping',
      reason: 'MemberLost',
      message: 'member 0 was lost, says member 1: member 0 has been silent for 6 s',
      failure: { member: 0, node: 'a', attempt: 1 },
    });
    world.pods.delete(world.member(0).name);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', infrastructureRetries: 1 });
    expect(world.status).not.toHaveProperty('restarts');
  });

  it('is so too while the gang starts', () => {
    const world = new JobWorld();
    world.settle(world.start());
    for (const member of [0, 1]) world.run(member);
    world.end(1, 75, LOST_MEMBER_0);
    expect(world.decide().effects).toContainEqual({ type: 'Requeue', afterSeconds: 5 });
    world.now += 5;
    world.settle();
    expect(world.status).toMatchObject({ state: 'Stopping', reason: 'MemberLost', failure: { member: 0 } });
  });

  // Daemons end with codes of their own when a rank fails, and the worker's kubelet may tell of it first.
  it('is not believed sooner if it says only that its own daemon failed: member 0 is about to say why', () => {
    const { failedMember: _, ...own } = { ...JSON.parse(LOST_MEMBER_0), message: 'the daemon failed' };
    const world = bereft(JSON.stringify(own));
    world.now += 19;
    expect(world.decide().effects).toEqual([{ type: 'Requeue', afterSeconds: 1 }]);
    world.end(0, 7, failureMessage(7));
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'ProgramFailed', failure: { exitCode: 7 } });
  });
});

describe('a member 0 that was given up', () => {
  it('is believed when it says late that the program failed', () => {
    const world = givenUp({ restarts: 1 });
    world.end(0, 7, failureMessage(7));
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', reason: 'ProgramFailed', restarts: 1 });
    expect(world.status.failure).toMatchObject({ reason: 'ProgramFailed', exitCode: 7, tail: 'boom' });
    expect(world.status).not.toHaveProperty('infrastructureRetries');
  });

  it('is believed when it says late that all went well, and nothing of the failure is left', () => {
    const world = givenUp();
    world.end(0, 0, SUCCESS);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Succeeded', reason: 'ProvenAndVerified', attempts: 1 });
    expect(world.status).not.toHaveProperty('failure');
    expect(world.status).not.toHaveProperty('infrastructureRetries');
  });

  it('leaves the failure of an earlier attempt in the status when this one went well', () => {
    const world = givenUp();
    world.pods.delete(world.member(0).name);
    world.settle();
    world.toRunning();
    for (const member of [0, 1]) world.end(member, 0, SUCCESS);
    world.settle();
    expect(world.status).toMatchObject({ state: 'Succeeded', attempts: 2, failure: { attempt: 1 } });
  });

  it('was killed for its memory, says its kubelet late', () => {
    const world = givenUp();
    world.end(0, 137, undefined, 'OOMKilled');
    world.settle();
    expect(world.status).toMatchObject({ state: 'Failed', reason: 'OutOfMemory', failure: { member: 0 } });
  });

  it.each([
    ['that it was told to stop', { outcome: 'stopped', cause: 'Stopped' }],
    ['that the worker was lost', { cause: 'MemberLost' }],
  ])('has nothing to add when it says %s', (_what, account) => {
    const world = givenUp();
    world.end(0, 143, failureMessage(143, account));
    world.settle();
    expect(world.status).toMatchObject({ state: 'Restarting', reason: 'MemberLost', infrastructureRetries: 1 });
    expect(world.status.failure).toMatchObject({ member: 0, message: expect.stringContaining('says member 1') });
    expect(world.performed.filter((e) => e.type === 'EmitEvent' && e.reason === 'MemberLost')).toHaveLength(1);
  });
});
