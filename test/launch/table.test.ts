// The table of exit codes, row by row and MPI by MPI: what becomes of an attempt when a rank, a daemon, mpirun or a whole
// pod ends. What mpirun itself says differs (docs/launch-protocol.md, "Success needs proof"); the cause must not.

import { describe, expect, test } from 'vitest';
import { describePods } from './crews.ts';
import { mpich40, mpich42, openMpi4, openMpi5 } from './flavours.ts';
import type { Ended } from './gang.ts';
import type { Pods, PodsOptions } from './pods.ts';

describePods('how an attempt ends', [openMpi4, openMpi5, mpich40, mpich42], (crews) => {
  const { flavour } = crews;

  /** Six ranks that all wait, seen to do so. */
  async function waiting(options: Partial<PodsOptions> = {}, prepare: (p: Pods) => void = () => {}): Promise<Pods> {
    const p = await crews.prepare(options);
    prepare(p);
    p.startAll('/mnt/crew', 'wait', '120');
    for (let rank = 0; rank < 6; rank++) await p.printed(0, `rank ${rank} waits`);
    return p;
  }

  /** The end of member 0; the others were told of it, and do not say that they lost it: that would count as infrastructure. */
  async function headOf(p: Pods): Promise<Ended> {
    const [head, ...workers] = await p.endedAll();
    for (const { outcome } of workers) {
      expect(outcome).toMatchObject({ cx: 1 });
      expect(outcome).not.toHaveProperty('failedMember');
    }
    return head as Ended;
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
    const head = await headOf(await crews.start({}, 'abort', '3', '42'));
    expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'ProgramFailed', code: 42 });
    expect(head.code).toBe(42);
  });

  test('exit(7) in one rank: ProgramFailed with code, rank and member', async () => {
    const head = await headOf(await crews.start({}, 'exit', '4', '7'));
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
    const head = await headOf(await crews.start({}, 'shoot', '5'));
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
    const p = await waiting({}, keepCode);
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

  // The bound is the product's promise. Ranks that would finalize now wait for those that are gone: the grace is not for them.
  describe('a pod vanishes without a word', () => {
    const PATIENT = { grace: 3600 };

    test('a worker’s: MemberLost within 15 s', async () => {
      const p = await waiting(PATIENT);
      const gone = Date.now() / 1000;
      await p.vanish(2);
      const head = await p.ended(0);
      expect(head.outcome).toMatchObject({ outcome: 'failed', cause: 'MemberLost', failedMember: 2, code: 75 });
      expect((head.outcome?.endedAt ?? Number.POSITIVE_INFINITY) - gone).toBeLessThan(15);
      expect((await p.ended(2)).outcome).toMatchObject({ cause: 'MemberLost', member: 2, failedMember: 0 });
    });

    test('member 0’s: MemberLost within 15 s, by its workers', async () => {
      const p = await waiting(PATIENT);
      const gone = Date.now() / 1000;
      await p.vanish(0);
      for (const worker of [1, 2]) {
        const { code, outcome } = await p.ended(worker);
        expect(outcome).toMatchObject({ cause: 'MemberLost', member: worker, failedMember: 0, code: 75, signal: 0 });
        expect(code).toBe(75);
        expect(p.writtenAt(worker, 'termination') - gone).toBeLessThan(15);
      }
      expect((await p.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', member: 0 });
    });
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

  // pods.ts plants them for every process id that mpirun may have: Open MPI 5 ends with 213 where it finds its own.
  test('session folders of an earlier start: none of them is left, Completed', async () => {
    const p = await crews.prepare();
    p.startAll('sh', '-c', 'test ! -e /tmp/left && exec /mnt/crew');
    const [head] = await p.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'Completed', ranks: [2, 2, 2] });
  });
});
