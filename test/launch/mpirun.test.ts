// People's own command lines: the command on member 0 calls mpirun or mpiexec itself, any number of times, and finds the
// hosts and the way to them in its environment.

import { expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { mpich40, mpich42, openMpi4, openMpi5 } from './flavours.ts';
import type { Pods } from './pods.ts';

describePods('a command that calls mpirun', [openMpi4, openMpi5, mpich40, mpich42], (crews) => {
  const { flavour } = crews;
  const { mpirun } = flavour;

  async function start(...command: string[]): Promise<Pods> {
    const p = await crews.prepare({ launch: 'mpirun', grace: 6 });
    p.startAll(...command);
    return p;
  }

  const sh = (script: string) => start('sh', '-c', script);

  async function waiting(): Promise<Pods> {
    const p = await start(mpirun, '-n', '6', '/mnt/crew', 'wait', '120');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    return p;
  }

  test('two of them in a script, the first over all slots unasked: Completed', async () => {
    const p = await sh(`${mpirun} /mnt/crew && echo again && ${mpirun} -n 6 /mnt/crew`);
    const [head, ...workers] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ outcome: 'succeeded', cause: 'Completed', started: true });
    const [first, second] = (head?.stdout ?? '').split('again\n');
    for (const part of [first, second])
      for (const member of [0, 1, 2]) expect(part?.match(new RegExp(`on crew-${member} sum 6\n`, 'g'))).toHaveLength(2);
    expect(workers.map((w) => w.outcome?.cause)).toEqual(['Completed', 'Completed']);
  });

  test('a rank’s exit code is the command’s: ProgramFailed', async () => {
    const head = await (await start(mpirun, '-n', '6', '/mnt/crew', 'abort', '4', '7')).ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'ProgramFailed', code: 7 });
    expect(head.code).toBe(7);
  });

  test('a script that goes on after a failed mpirun: Completed', async () => {
    const head = await (await sh(`${mpirun} /mnt/crew abort 3 9 || ${mpirun} /mnt/crew`)).ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'succeeded', cause: 'Completed' });
  });

  test('a command that starts nothing on the others: RanksMisplaced', async () => {
    const head = await (await sh('true')).ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'RanksMisplaced', failedMember: 1, code: 70 });
    expect(head.outcome?.message).toContain('had started nothing on member 1');
  });

  test('a daemon killed by SIGKILL: MemberLost, though Open MPI 5 ends with 0', async () => {
    const p = await waiting();
    p.kill(1, flavour.daemon);
    expect((await p.ended(0)).outcome).toMatchObject({
      outcome: 'failed',
      cause: 'MemberLost',
      failedMember: 1,
      code: 75,
    });
  });

  test('a pod that vanishes: MemberLost', async () => {
    const p = await waiting();
    await p.vanish(1);
    expect((await p.ended(0)).outcome).toMatchObject({
      outcome: 'failed',
      cause: 'MemberLost',
      failedMember: 1,
      code: 75,
    });
  });

  test('a signal reaches every rank once, and a stop ends them all', async () => {
    const p = await waiting();
    expect(await p.ask('signal USR1')).toBe('ok');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} usr1 1`);
    expect(await p.ask('stop the queue was drained')).toBe('ok');
    const all = await p.endedAll();
    expect(all[0]?.outcome).toMatchObject({ outcome: 'stopped', cause: 'Stopped', code: 143 });
    expect(all.map((e) => e.code)).toEqual([143, 143, 143]);
    expect(all[0]?.stdout).not.toContain('usr1 2');
  });
});
