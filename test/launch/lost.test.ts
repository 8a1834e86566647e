// Real Open MPI between pods: members that come late, die, vanish, leave, or are passed over.

import { expect, test } from 'vitest';
import { describePods, preparePods, startCrew } from './crews.ts';

describePods('members of an openmpi gang', () => {
  test('a worker that comes three seconds late is waited for', async () => {
    const p = await preparePods();
    p.start(0, '/mnt/crew');
    p.start(1, '/mnt/crew');
    await new Promise((done) => setTimeout(done, 3000));
    expect(JSON.parse(await p.ask('status'))).toEqual({ joined: 2, members: 3, started: false, ranks: 0 });
    p.start(2, '/mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'Completed', ranks: [2, 2, 2] });
  });

  test('a worker pod that dies is a lost member', async () => {
    const p = await startCrew({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(1, 'SIGKILL');
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
    expect(head.code).toBe(75);
    expect((await p.ended(2)).code).toBe(143);
  });

  test('a worker’s daemon that dies is a lost member', async () => {
    const p = await startCrew({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    await p.inside(1, 'pkill', '-KILL', '-x', 'orted');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
  });

  test('a worker whose network vanishes without a word is a lost member', async () => {
    const p = await startCrew({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    await p.vanish(2);
    const [head, , gone] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 2 });
    expect(gone?.outcome).toMatchObject({ cause: 'MemberLost', code: 75 });
  });

  test('a worker pod that the kubelet ends is a lost member, not a failed program', async () => {
    const p = await startCrew({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(2, 'SIGTERM');
    const [head, , left] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 2 });
    expect(left?.outcome).toMatchObject({ cause: 'Stopped', code: 143 });
  });

  test('workers outlive a dead member 0 only for the grace', async () => {
    const p = await startCrew({}, 'wait', '60');
    await p.printed(0, 'rank 5 waits');
    p.signal(0, 'SIGKILL');
    const [, one, two] = await p.endedAll();
    expect([one?.code, two?.code]).toEqual([75, 75]);
    expect(one?.outcome).toMatchObject({ cause: 'MemberLost', member: 1 });
  });

  test('a host list that puts every rank on member 0 is found out', async () => {
    const p = await preparePods();
    p.shim(0, 'mpirun', 'exec /usr/bin/mpirun --host crew-0 --oversubscribe "$@"');
    p.startAll('/mnt/crew', 'wait', '60');
    const all = await p.endedAll();
    expect(all[0]?.outcome).toMatchObject({ outcome: 'failed', cause: 'RanksMisplaced', code: 70, ranks: [6, 0, 0] });
    expect(all.map((e) => e.code)).toEqual([70, 143, 143]);
  });
});
