// Real MPIs between pods: members that come late, die, or leave. Daemons that die and pods that vanish: table.test.ts.

import { expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { mpich42, openMpi4, openMpi5 } from './flavours.ts';
import { eventually } from './gang.ts';

describePods('members of an MPI gang', [openMpi4, openMpi5, mpich42], (crews) => {
  test('a worker that comes late is waited for', async () => {
    const p = await crews.prepare();
    p.start(0, '/mnt/crew');
    p.start(1, '/mnt/crew');
    const two = { joined: 2, members: 3, started: false, ranks: 0 };
    await eventually('two members that wait for the third', async () =>
      (await p.ask('status').catch(() => '')) === JSON.stringify(two) ? true : undefined,
    );
    p.start(2, '/mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'Completed', ranks: [2, 2, 2] });
  });

  test('a worker pod that dies is a lost member', async () => {
    const p = await crews.start({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(1, 'SIGKILL');
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
    expect(head.code).toBe(75);
    // Its daemon may have failed upon the loss before it was told to stop. Member 0 it has not lost.
    const { code, outcome } = await p.ended(2);
    expect([75, 143]).toContain(code);
    expect(outcome).not.toHaveProperty('failedMember');
  });

  test('a worker pod that the kubelet ends is a lost member, not a failed program', async () => {
    const p = await crews.start({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(2, 'SIGTERM');
    const [head, , left] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 2 });
    expect(left?.outcome).toMatchObject({ cause: 'Stopped', code: 143 });
  });

  // It is not gone yet. With the first of the two that save, its pod ends or the attempt, and mpirun may end the other.
  test('a gang of which the kubelet ends one worker has time to save', async () => {
    const p = await crews.start({ grace: 20 }, 'save', '4');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    p.signal(2, 'SIGTERM');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 2 });
    await p.ended(2);
    expect([p.left(0, 'cx/saved-0'), p.left(2, 'cx/saved-5')]).toContain('saved\n');
  });

  test('workers do not outlive a dead member 0, whatever the grace', async () => {
    const p = await crews.start({ grace: 3600 }, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(0, 'SIGKILL');
    const [, one, two] = await p.endedAll();
    expect([one?.code, two?.code]).toEqual([75, 75]);
    expect(one?.outcome).toMatchObject({ cause: 'MemberLost', member: 1, failedMember: 0 });
  });
});
