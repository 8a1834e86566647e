// Real Open MPI between pods: the ssh-less launch, its proofs of success, and what becomes of the program's own failures.

import { expect, test } from 'vitest';
import { describePods, preparePods, startCrew } from './crews.ts';

const full = process.env['COXSWAIN_FULL'] === '1';

describePods('openmpi launch between pods', () => {
  test('three members with two ranks each succeed, and every proof is there', async () => {
    const p = await startCrew({}, 'result', '{ "fom": 12.5 }');
    const [head, ...workers] = await p.endedAll();
    expect(head?.stderr).toContain('Completed');
    expect(head?.outcome).toMatchObject({
      outcome: 'succeeded',
      cause: 'Completed',
      ranks: [2, 2, 2],
      started: true,
      result: { fom: 12.5 },
    });
    expect(head?.code).toBe(0);
    for (const member of ['crew-0', 'crew-1', 'crew-2']) expect(head?.stdout).toContain(`on ${member} sum 6`);
    for (const worker of workers) expect([worker.code, worker.outcome?.cause]).toEqual([0, 'Completed']);
  });

  test('a member alone, and its scratch folder is empty', async () => {
    const p = await preparePods({ members: 1 });
    p.startAll('sh', '-c', 'test ! -e /tmp/left && exec /mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'Completed', ranks: [2] });
  });

  test('the exit code of one rank is the gang’s', async () => {
    const head = await (await startCrew({}, 'exit', '4', '7')).ended(0);
    expect(head.outcome).toMatchObject({
      outcome: 'failed',
      cause: 'ProgramFailed',
      code: 7,
      signal: 0,
      failedRank: 4,
      failedMember: 2,
    });
    expect(head.code).toBe(7);
  });

  test('MPI_Abort keeps its code', async () => {
    const head = await (await startCrew({}, 'abort', '3', '42')).ended(0);
    expect(head.outcome).toMatchObject({ cause: 'ProgramFailed', code: 42 });
    expect(head.code).toBe(42);
  });

  test('a rank killed by SIGKILL fails the gang with 137', async () => {
    const head = await (await startCrew({}, 'shoot', '5')).ended(0);
    expect(head.outcome).toMatchObject({
      cause: 'ProgramFailed',
      code: 137,
      signal: 9,
      failedRank: 5,
      failedMember: 2,
    });
    expect(head.code).toBe(137);
  });

  test('a program that is not in the image', async () => {
    const p = await preparePods();
    p.startAll('/mnt/no-such-program');
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'CommandNotFound', code: 127 });
    expect(head.code).toBe(127);
  });

  test('an image without mpirun', async () => {
    const p = await preparePods({ env: { PATH: '/nowhere' } });
    // setpriv and the launcher are found by then, mpirun is not
    p.startAll('/mnt/crew');
    const head = await p.ended(0);
    expect(head.code).toBe(127);
  });

  test('readiness, one signal to every rank, and an orderly stop', async () => {
    const p = await startCrew({ grace: 10 }, 'wait', '60');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    await p.inside(
      0,
      'env',
      'CX_MEMBER=0',
      'CX_MEMBERS=3',
      'CX_PROCS=2',
      'CX_LAUNCH=openmpi',
      'CX_HOSTS=crew-%d',
      'CX_MAILBOX=x:7117',
      'CX_TOKEN_FILE=/mnt/token',
      '/mnt/cx/cx-launch',
      'ready',
    );
    expect(await p.ask('signal USR1')).toBe('ok');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} usr1 1`);
    expect(await p.ask('stop the queue was drained')).toBe('ok');
    const all = await p.endedAll();
    expect(all[0]?.outcome).toMatchObject({
      outcome: 'stopped',
      cause: 'Stopped',
      code: 143,
      message: 'the queue was drained',
    });
    // Told exactly once, though both the members and Open MPI stop them, and all had the time to say so.
    for (let rank = 0; rank < 6; rank++) expect(all[0]?.stdout).toContain(`rank ${rank} term 1\n`);
    expect(all.map((e) => e.code)).toEqual([143, 143, 143]);
  });

  test('a rank has its whole grace, however soon the others end', async () => {
    const p = await startCrew({ grace: 20 }, 'save', '4');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    expect(await p.ask('stop make room')).toBe('ok');
    const all = await p.endedAll();
    expect(all.map((e) => e.outcome?.cause)).toEqual(['Stopped', 'Stopped', 'Stopped']);
    expect([p.left(0, 'cx/saved-0'), p.left(2, 'cx/saved-5')]).toEqual(['saved\n', 'saved\n']);
  });

  test.skipIf(!full)('eight members with four ranks each', async () => {
    const head = await (await startCrew({ members: 8, procs: 4, env: { OMPI_MCA_mpi_yield_when_idle: '1' } })).ended(0);
    expect(head.outcome).toMatchObject({ cause: 'Completed', ranks: [4, 4, 4, 4, 4, 4, 4, 4] });
  });
});
