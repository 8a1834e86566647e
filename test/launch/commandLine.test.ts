// The launcher's side of `launcher: mpirun` and of Hydra, with commands that stand for mpirun, mpiexec and their daemons, and
// with address and undefined-behaviour checks built in.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, missing } from './build.ts';
import { Gang } from './gang.ts';

const reason = missing(['make', 'gcc']);

describe.skipIf(reason !== undefined)('a command line of the user’s', { concurrent: true }, () => {
  let launcher = '';

  beforeAll(async () => {
    launcher = await buildChecked();
  }, 120_000);

  afterAll(() => Gang.closeAll());

  /** Two members; the script runs on member 0 and calls daemons as Open MPI (`put`) or Hydra (`hold`) would. */
  const under = (script: string, launch: 'mpirun' | 'mpich' = 'mpirun'): Promise<Gang> =>
    Gang.start(
      launcher,
      { members: 2, procs: 2, launch },
      'sh',
      '-c',
      `put() { $OMPI_MCA_plm_rsh_agent crew-1.crew "$@"; }
       hold() { $HYDRA_LAUNCHER_EXEC $HYDRA_LAUNCHER_EXTRA_ARGS 127.0.0.1 "$@"; }
       ${script}`,
    );

  test('the way of every MPI is in its environment', async () => {
    const gang = await under(
      'cat $OMPI_MCA_orte_default_hostfile $PRTE_MCA_prte_default_hostfile $HYDRA_HOST_FILE; put true',
    );
    const head = await gang.ended(0);
    expect(head.outcome).toMatchObject({ cause: 'Completed', started: true });
    const openmpi = 'crew-0.crew slots=2\ncrew-1.crew slots=2\n';
    expect(head.stdout).toBe(`${openmpi}${openmpi}127.0.0.1:2\n127.0.0.1:2\n`);
  });

  test('Hydra’s hook stays until the daemon ends, and ends as it did', async () => {
    // Longer than the mailbox waits for a first line.
    const gang = await under('hold "sleep 5.5; exit 7"; echo $?; hold "echo second"; echo $?');
    const [head, worker] = await gang.endedAll();
    expect(head?.stdout).toBe('7\n0\n');
    expect(worker?.stdout).toBe('second\n');
    expect(head?.outcome).toMatchObject({ cause: 'Completed' });
  });

  test('a second mpirun waits for the daemon of the first', async () => {
    const gang = await under('put "sleep 0.5; echo one" && put "echo two"');
    const [head, worker] = await gang.endedAll();
    expect(worker?.stdout).toBe('one\ntwo\n');
    expect(head?.outcome).toMatchObject({ cause: 'Completed' });
  });

  test('its own exit code: ProgramFailed', async () => {
    const gang = await under('hold "exit 3"; exit 5');
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'ProgramFailed', code: 5 });
  });

  test('0 although the last daemon failed: MemberLost', async () => {
    const gang = await under('hold "exit 3"; exit 0');
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
  });

  test('0 with nothing started on the other member: RanksMisplaced', async () => {
    expect((await (await under('true')).ended(0)).outcome).toMatchObject({ cause: 'RanksMisplaced', failedMember: 1 });
  });

  test('a daemon that was killed ends it: MemberLost', async () => {
    const gang = await under("put 'kill -KILL $$'; sleep 60");
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
  });

  test('killed itself: MemberLost; ended by another signal: ProgramFailed', async () => {
    const killed = await under('put "exit 0"; kill -KILL $$');
    expect((await killed.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 0 });
    const broken = await under('put "exit 0"; kill -SEGV $$');
    expect((await broken.ended(0)).outcome).toMatchObject({ cause: 'ProgramFailed', code: 139, signal: 11 });
  });

  test('a rank is known by its environment, however large that is, and gets a signal once', async () => {
    // The shell that stands for mpirun is no rank, and a child of a rank is none of its own.
    const rank = `trap 'echo got; exit 0' USR1; sh -c 'trap "echo child" USR1; while :; do sleep 0.1; done' & echo up; while :; do sleep 0.1; done`;
    const gang = await under(`put true
      export BIG=$(head -c 100000 /dev/zero | tr '\\0' x) PMI_RANK=0; exec 3>&1
      env sh -c "$(cat <<'END'\n${rank}\nEND\n)" & wait $!`);
    await gang.printed(0, 'up');
    expect(await gang.ask('signal USR1')).toBe('ok');
    const head = await gang.ended(0);
    expect(head.stdout).toContain('got\n');
    expect(head.stdout).not.toContain('child');
  });

  test('a stop ends the command with what it started', async () => {
    const gang = await under("put 'sleep 60' & trap 'echo told; exit 1' TERM; echo up; while :; do sleep 0.1; done");
    await gang.printed(0, 'up');
    expect(await gang.ask('stop enough')).toBe('ok');
    const [head, worker] = await gang.endedAll();
    expect(head?.stdout).toContain('told\n');
    expect([head?.outcome?.cause, worker?.outcome?.cause]).toEqual(['Stopped', 'Stopped']);
  });

  /** Two members whose mpiexec.hydra is this script; `hold` calls the proxy of member 1. */
  async function underHydra(mpiexec: string): Promise<Gang> {
    const gang = await Gang.prepare(launcher, { members: 2, procs: 1, launch: 'mpich' });
    const bin = join(gang.dir, 'bin');
    mkdirSync(bin);
    const script = `#!/bin/bash
      hold() { $HYDRA_LAUNCHER_EXEC $HYDRA_LAUNCHER_EXTRA_ARGS 127.0.0.1 "$@"; }
      [ "$1 $2" = "-n 2" ] && [ "$4 $5" = "rank --" ] && [ $HYDRA_ENV = none ] || exit 99
      ${mpiexec}`;
    writeFileSync(join(bin, 'mpiexec.hydra'), script);
    chmodSync(join(bin, 'mpiexec.hydra'), 0o755);
    gang.options.env = { PATH: `${bin}:${process.env['PATH']}` };
    for (const i of [1, 0]) gang.startMember(i, 'true');
    return gang;
  }

  test('Hydra’s proxies fail with codes of their own when a rank aborts: ProgramFailed with mpiexec’s', async () => {
    const gang = await underHydra(`PMI_RANK=0 "\${@:3}"; hold "PMI_RANK=1 \${*:3}; exit 7"; exit 42`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'ProgramFailed', code: 42 });
  });

  test('a proxy that fails though mpiexec ends with 0: MemberLost', async () => {
    const gang = await underHydra(`PMI_RANK=0 "\${@:3}"; hold "PMI_RANK=1 \${*:3}; exit 7"; exit 0`);
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
  });

  test('mpiexec that is not in the image: CommandNotFound', async () => {
    const gang = await Gang.prepare(launcher, { members: 1, launch: 'mpich', env: { PATH: '/nowhere' } });
    gang.startMember(0, '/bin/true');
    const { outcome } = await gang.ended(0);
    expect(outcome).toMatchObject({ cause: 'CommandNotFound', code: 127 });
    expect(outcome?.message).toContain('mpiexec.hydra');
    expect(readFileSync(join(gang.memberDir(0), 'hydra-hosts'), 'utf8')).toMatch(/:1\n$/);
  });
});
