// The table of exit codes, row by row and MPI by MPI: what becomes of an attempt when a rank, a daemon, mpirun or a whole
// pod ends. What mpirun itself says differs (docs/launch-protocol.md, "Success needs proof"); the cause must not.

import { expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { mpich40, mpich42, openMpi4, openMpi5 } from './flavours.ts';
import type { Pods } from './pods.ts';

describePods('how an attempt ends', [openMpi4, openMpi5, mpich40, mpich42], (crews) => {
  const { flavour } = crews;

  /** Six ranks that all wait, seen to do so. */
  async function waiting(prepare: (p: Pods) => void = () => {}): Promise<Pods> {
    const p = await crews.prepare();
    prepare(p);
    p.startAll('/mnt/crew', 'wait', '120');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    return p;
  }

  const called = flavour.launch === 'mpich' ? 'mpiexec.hydra' : 'mpirun';

  /** mpirun's own exit code, kept in a file: the launcher is to see through it. */
  const keepCode = (p: Pods) =>
    p.shim(0, called, `/usr/bin/${flavour.mpirun} "$@"; c=$?; echo $c >/mnt/cx/code; exit $c`);

  test('all ranks end with 0: Completed, with every proof', async () => {
    const p = await crews.start({}, 'result', '{ "fom": 12.5 }');
    const [head, ...workers] = await p.endedAll();
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

  test('MPI_Abort(42): ProgramFailed with its code', async () => {
    const head = await (await crews.start({}, 'abort', '3', '42')).ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'ProgramFailed', code: 42 });
    expect(head.code).toBe(42);
  });

  test('exit(7) in one rank: ProgramFailed with code, rank and member', async () => {
    const head = await (await crews.start({}, 'exit', '4', '7')).ended(0);
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

  test('a rank killed by SIGKILL: ProgramFailed with 137, rank and member', async () => {
    const head = await (await crews.start({}, 'shoot', '5')).ended(0);
    expect(head.outcome).toMatchObject({
      outcome: 'failed',
      cause: 'ProgramFailed',
      code: 137,
      signal: 9,
      failedRank: 5,
      failedMember: 2,
    });
    expect(head.code).toBe(137);
  });

  // Open MPI 4's takes four seconds. The grace is for those who are asked to stop.
  test('an mpirun that outlives a failed rank is not waited for: ProgramFailed', async () => {
    const p = await crews.prepare({ grace: 3600 });
    p.shim(0, called, `trap '' TERM; /usr/bin/${flavour.mpirun} "$@"; sleep 3600`);
    p.startAll('/mnt/crew', 'shoot', '5');
    const [head] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'ProgramFailed', code: 137, failedRank: 5, failedMember: 2 });
  });

  test('a daemon killed by SIGKILL: MemberLost, whatever mpirun ends with', async () => {
    const p = await waiting(keepCode);
    p.kill(1, flavour.daemon);
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'MemberLost', failedMember: 1, code: 75 });
    expect(head.code).toBe(75);
    // The reason for all the proofs.
    if (flavour === openMpi5) expect(p.left(0, 'cx/code')).toBe('0\n');
  });

  test('mpirun killed by SIGKILL: MemberLost', async () => {
    const p = await waiting();
    p.kill(0, flavour.process);
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'MemberLost', failedMember: 0, code: 75 });
  });

  test('a pod that vanishes without a word: MemberLost within 15 s', async () => {
    const p = await waiting();
    const gone = Date.now() / 1000;
    await p.vanish(2);
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'MemberLost', failedMember: 2, code: 75 });
    // The bound is the product's promise: 6 s of silence, and the ranks' grace of 2 s.
    expect((head.outcome?.endedAt ?? Number.POSITIVE_INFINITY) - gone).toBeLessThan(15);
    expect((await p.ended(2)).outcome).toMatchObject({ cause: 'MemberLost', member: 2 });
  });

  test('every rank on member 0: RanksMisplaced', async () => {
    const p = await crews.prepare();
    if (flavour.launch === 'mpich') p.shim(0, 'mpiexec.hydra', 'exec /usr/bin/mpiexec.hydra -hosts 10.77.0.1 "$@"');
    else p.shim(0, 'mpirun', 'exec /usr/bin/mpirun.openmpi --host crew-0:6 "$@"');
    p.startAll('/mnt/crew', 'wait', '120');
    const all = await p.endedAll();
    expect(all[0]?.outcome).toMatchObject({ outcome: 'failed', cause: 'RanksMisplaced', code: 70, ranks: [6, 0, 0] });
    expect(all.map((e) => e.code)).toEqual([70, 143, 143]);
  });

  test('a program that is not in the image: CommandNotFound', async () => {
    const p = await crews.prepare();
    p.startAll('/mnt/no-such-program');
    const head = await p.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'CommandNotFound', code: 127 });
    expect(head.code).toBe(127);
  });

  // Hydra puts the ranks that are too many on the first hosts again, and knows no mapping policies.
  test.skipIf(flavour.launch === 'mpich')('more ranks than slots: LaunchFailed', async () => {
    const p = await crews.prepare();
    p.shim(0, 'mpirun', 'shift 2; exec /usr/bin/mpirun.openmpi -np 7 "$@"');
    p.startAll('/mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ outcome: 'failed', cause: 'LaunchFailed', code: 71 });
  });

  // Open MPI 5's daemons end with 1 within milliseconds of mpirun, before it or after: here, long before.
  test.skipIf(flavour.launch === 'mpich')('the same with an mpirun that ends last: LaunchFailed', async () => {
    const p = await crews.prepare();
    p.shim(0, 'mpirun', 'shift 2; /usr/bin/mpirun.openmpi -np 7 "$@"; code=$?; sleep 1; exit $code');
    p.startAll('/mnt/crew');
    expect((await p.ended(0)).outcome).toMatchObject({ outcome: 'failed', cause: 'LaunchFailed', code: 71 });
  });

  test.skipIf(flavour.launch === 'mpich')('a mapping policy that does not exist: LaunchFailed', async () => {
    const name = flavour === openMpi4 ? 'OMPI_MCA_rmaps_base_mapping_policy' : 'PRTE_MCA_rmaps_default_mapping_policy';
    const p = await crews.start({ env: { [name]: 'sideways' } });
    expect((await p.ended(0)).outcome).toMatchObject({ outcome: 'failed', cause: 'LaunchFailed', code: 71 });
  });
});
