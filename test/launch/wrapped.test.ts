// Real MPIs between pods, launched by cx-launch with every rank wrapped: scratch folders, readiness, signals, stops. How
// attempts end: table.test.ts.

import { expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { mpich40, mpich42, openMpi4, openMpi5 } from './flavours.ts';

const full = process.env['COXSWAIN_FULL'] === '1';

describePods('ranks between pods', [openMpi4, openMpi5, mpich40, mpich42], (crews) => {
  const { launch } = crews.flavour;

  test('a member alone, and its scratch folder is empty', async () => {
    const p = await crews.prepare({ members: 1 });
    p.startAll('sh', '-c', 'test ! -e /tmp/left && exec /mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ cause: 'Completed', ranks: [2] });
  });

  test('an image without mpirun', async () => {
    const p = await crews.prepare({ env: { PATH: '/nowhere' } });
    // setpriv and the launcher are found by then, mpirun is not
    p.startAll('/mnt/crew');
    const head = await p.ended(0);
    expect(head.code).toBe(127);
  });

  test('readiness, one signal to every rank, and an orderly stop', async () => {
    const p = await crews.start({ grace: 10 }, 'wait', '60');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    await p.inside(
      0,
      'env',
      'CX_MEMBER=0',
      'CX_MEMBERS=3',
      'CX_PROCS=2',
      `CX_LAUNCH=${launch}`,
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
    // Told exactly once, though both the members and mpirun stop them, and all had the time to say so.
    for (let rank = 0; rank < 6; rank++) expect(all[0]?.stdout).toContain(`rank ${rank} term 1\n`);
    expect(all.map((e) => e.code)).toEqual([143, 143, 143]);
  });

  test('a rank has its whole grace, however soon the others end', async () => {
    const p = await crews.start({ grace: 20 }, 'save', '4');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    expect(await p.ask('stop make room')).toBe('ok');
    const all = await p.endedAll();
    expect(all.map((e) => e.outcome?.cause)).toEqual(['Stopped', 'Stopped', 'Stopped']);
    expect([p.left(0, 'cx/saved-0'), p.left(2, 'cx/saved-5')]).toEqual(['saved\n', 'saved\n']);
  });

  test.skipIf(!full)('eight members with four ranks each', async () => {
    const head = await (await crews.start({ members: 8, procs: 4, env: { OMPI_MCA_mpi_yield_when_idle: '1' } })).ended(
      0,
    );
    expect(head.outcome).toMatchObject({ cause: 'Completed', ranks: [4, 4, 4, 4, 4, 4, 4, 4] });
  });
});
