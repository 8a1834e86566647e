// The table of causes for openmpi, row by row, with an mpirun whose behaviour the test writes: what other versions of
// Open MPI do (exit 0 when a daemon dies) must not be taken for success.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, missing } from './build.ts';
import { Gang } from './gang.ts';

const reason = missing(['make', 'gcc']);

describe.skipIf(reason !== undefined)('proof of success', { concurrent: true }, () => {
  let launcher = '';

  beforeAll(async () => {
    launcher = await buildChecked();
  }, 120_000);

  afterAll(() => Gang.closeAll());

  /** Two members with two ranks each under this mpirun, a shell script that may use `daemon` and `ranks`. */
  async function under(mpirun: string, command: string[] = ['true']): Promise<Gang> {
    const gang = await Gang.prepare(launcher, { members: 2, procs: 2, launch: 'openmpi' });
    const bin = join(gang.dir, 'bin');
    mkdirSync(bin);
    const script = `#!/bin/bash
      daemon() { $OMPI_MCA_plm_rsh_agent crew-1.crew "$@"; }
      # ranks FIRST LAST: runs these ranks here and waits for them; "rank N" runs one
      rank() { OMPI_COMM_WORLD_RANK=$1 "$launch" rank -- "\${command[@]}"; }
      ranks() { for r in $(seq $1 $2); do rank $r & done; wait -n; local code=$?; wait; return $code; }
      launch=\${OMPI_MCA_plm_rsh_agent% hook}
      [ "$1" = -np ] && [ "$2" = 4 ] && [ "$3" = "$launch" ] && [ "$4 $5" = "rank --" ] || exit 99
      shift 5; command=("$@")
      there() { daemon "export OMPI_COMM_WORLD_RANK; for r in 2 3; do OMPI_COMM_WORLD_RANK=\\$r $launch rank -- $*; done"; }
      ${mpirun}`;
    writeFileSync(join(bin, 'mpirun'), script);
    chmodSync(join(bin, 'mpirun'), 0o755);
    gang.options.env = { PATH: `${bin}:${process.env['PATH']}` };
    for (const i of [1, 0]) gang.startMember(i, ...command);
    return gang;
  }

  const settle = 'sleep 1;';

  test('all three proofs: Completed', async () => {
    const gang = await under(`there true; ranks 0 1; ${settle} exit 0`);
    const [head, worker] = await gang.endedAll();
    expect(head?.outcome).toMatchObject({ outcome: 'succeeded', cause: 'Completed', ranks: [2, 2], started: true });
    expect(worker?.outcome).toMatchObject({ cause: 'Completed', code: 0 });
  });

  test('mpirun 0 with no rank at all: RanksMisplaced', async () => {
    const gang = await under('exit 0');
    expect((await gang.ended(0)).outcome).toMatchObject({
      cause: 'RanksMisplaced',
      code: 70,
      ranks: [0, 0],
      started: false,
    });
  });

  test('mpirun 0 with too few ranks on a member: RanksMisplaced', async () => {
    const gang = await under(`ranks 0 1; exit 0`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'RanksMisplaced', failedMember: 1, ranks: [2, 0] });
  });

  test('all ranks on member 0: found while they still run', async () => {
    const gang = await under('ranks 0 3; exit 0', ['sleep', '60']);
    const head = await gang.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'RanksMisplaced', ranks: [4, 0] });
    expect(head.code).toBe(70);
  });

  test('mpirun 0, but a daemon ended with non-zero: MemberLost', async () => {
    const gang = await under(`there true '; exit 1'; ranks 0 1; sleep 0.3; exit 0`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
  });

  test('mpirun 0, but a daemon does not end: MemberLost', async () => {
    const gang = await under(`daemon sleep 60; ranks 0 1; exit 0`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
  });

  test('mpirun refuses with no rank started: LaunchFailed', async () => {
    const gang = await under('echo no such mapping >&2; exit 251');
    const head = await gang.ended(0);
    expect(head.outcome).toMatchObject({
      outcome: 'failed',
      cause: 'LaunchFailed',
      code: 71,
      tail: 'no such mapping\n',
    });
    expect(head.code).toBe(71);
  });

  test('mpirun refuses and its daemons go with it: still LaunchFailed', async () => {
    const gang = await under(`daemon 'sleep 0.5; exit 1'; exit 1`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'LaunchFailed' });
  });

  test('mpirun refuses after its daemons have gone: LaunchFailed too', async () => {
    const gang = await under(`daemon 'exit 1'; ${settle} exit 1`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'LaunchFailed' });
  });

  // A daemon that ends by itself before any rank is there, under an mpirun that says so (0: Open MPI 5, 205: Open MPI 4),
  // before or after, or that waits for it for ever.
  test.each([
    [`daemon 'exit 1'; ${settle} exit 0`],
    [`daemon 'exit 1'; ${settle} exit 205`],
    [`daemon 'sleep 1; exit 1'; exit 205`],
    [`daemon 'exit 1'; sleep 60`],
  ])('no refusal, but a daemon that failed: MemberLost (%s)', async (mpirun) => {
    const gang = await under(mpirun);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
  });

  test('a daemon killed before any rank is there: MemberLost, though mpirun is stopped upon it', async () => {
    const gang = await under(`daemon 'kill -KILL $$'; sleep 60`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
  });

  test('mpirun itself is killed: MemberLost, and not the user’s fault', async () => {
    const gang = await under(`there sleep 60; ranks 0 1 & sleep 1; kill -KILL $$`, ['sleep', '60']);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 0 });
  });

  test('a failed rank goes before the daemons’ codes that follow', async () => {
    const failed = '$CX_DIR/../failed';
    const after = `while ! [ -e ${failed} ]; do sleep 0.05; done; sleep 1; exit 1`;
    const gang = await under(`daemon '${after}'; ranks 0 1`, [
      'sh',
      '-c',
      `[ $OMPI_COMM_WORLD_RANK = 1 ] && { touch ${failed}; exit 9; }; sleep 60`,
    ]);
    expect((await gang.ended(0)).outcome).toMatchObject({
      cause: 'ProgramFailed',
      code: 9,
      failedRank: 1,
      failedMember: 0,
    });
  });

  test('the rank whose code mpirun ends with is the one that began it', async () => {
    const gang = await under('rank 0; rank 1; exit 42', ['sh', '-c', 'exit $((41 + OMPI_COMM_WORLD_RANK))']);
    const { outcome } = await gang.ended(0);
    expect(outcome?.cause).toBe('ProgramFailed');
    expect([41, 42]).toContain(outcome?.code);
  });

  test('a program that is not there: CommandNotFound with the rank', async () => {
    const gang = await under('ranks 0 1', ['/no/such/program']);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'CommandNotFound', code: 127, failedMember: 0 });
  });

  test('a daemon that is not there: CommandNotFound', async () => {
    const gang = await under('daemon /no/such/orted; sleep 60');
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'CommandNotFound', failedMember: 1 });
  });

  test('--daemonize is taken out of the daemon’s words, quotes are left alone', async () => {
    const gang = await under(
      `daemon echo --daemonize '"a  b"' --daemonizer x--daemonize --daemonize; ranks 0 1; exit 0`,
    );
    expect((await gang.ended(1)).stdout).toBe('a  b --daemonizer x--daemonize\n');
  });

  test('the hook refuses hosts that are no worker, and a second command for one that has its own', async () => {
    const gang = await under(`for h in crew-0.crew crew-9 elsewhere; do $OMPI_MCA_plm_rsh_agent $h true && exit 50; done
      daemon true && ! daemon true || exit 51; exit 3`);
    expect((await gang.ended(0)).outcome).toMatchObject({
      cause: 'LaunchFailed',
      message: 'mpirun ended with 3 and had started no rank',
    });
  });
});
