// Direct launch over loopback: the start barrier, every way to end, signals, and a member's own message.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLauncher, missing } from './build.ts';
import { Gang, type GangOptions } from './gang.ts';

const reason = missing(['make', 'gcc']);

describe.skipIf(reason !== undefined)('direct launch', { concurrent: true }, () => {
  let launcher = '';

  beforeAll(async () => {
    launcher = await buildLauncher();
  }, 120_000);

  afterAll(() => Gang.closeAll());

  async function start(options: GangOptions, ...command: string[]): Promise<Gang> {
    const gang = await Gang.start(launcher, options, ...command);
    return gang;
  }

  const sh = (script: string): string[] => ['sh', '-c', script];
  /** Says "up", waits; a background sleep, so that the shell's trap runs at once. */
  const waiting = (trap: string): string[] => sh(`trap '${trap}' TERM; echo up; sleep 60 & wait $!; wait $!`);

  test('nobody starts before all have joined, then all do', async () => {
    const gang = await Gang.prepare(launcher, { members: 3 });
    const command = sh('echo ran $CX_MEMBER');
    gang.startMember(0, ...command);
    gang.startMember(2, ...command);
    await gang.status((s) => s.joined === 2 && s.members === 3 && !s.started && s.ranks === 0);
    gang.startMember(1, ...command);
    const all = await gang.endedAll();
    expect(all.map((e) => [e.code, e.stdout])).toEqual([
      [0, 'ran 0\n'],
      [0, 'ran 1\n'],
      [0, 'ran 2\n'],
    ]);
    expect(all[0]?.outcome).toMatchObject({
      cx: 1,
      member: 0,
      outcome: 'succeeded',
      cause: 'Completed',
      code: 0,
      started: true,
      result: null,
    });
    expect(all[0]?.outcome?.endedAt).toBeGreaterThanOrEqual(all[0]?.outcome?.startedAt ?? Number.POSITIVE_INFINITY);
    expect(all[2]?.outcome).toMatchObject({ cx: 1, member: 2, outcome: 'succeeded', cause: 'Completed' });
  });

  test('workers may come long before member 0', async () => {
    const gang = await Gang.prepare(launcher, { members: 2 });
    gang.startMember(1, 'true');
    await new Promise((done) => setTimeout(done, 700));
    gang.startMember(0, 'true');
    expect((await gang.endedAll()).map((e) => e.code)).toEqual([0, 0]);
  });

  test.each([1, 3])('one of %i members fails: its code, and an end for all', async (members) => {
    const last = members - 1;
    const gang = await start({ members }, ...sh(`[ $CX_MEMBER = ${last} ] && exit 7; exec sleep 60`));
    const all = await gang.endedAll();
    expect(all[0]?.outcome).toMatchObject({
      outcome: 'failed',
      cause: 'ProgramFailed',
      code: 7,
      signal: 0,
      failedMember: last,
      failedRank: last,
    });
    expect(all[0]?.code).toBe(7);
    expect(all[last]?.outcome).toMatchObject({ cause: 'ProgramFailed', code: 7 });
    for (const worker of all.slice(1)) expect(worker.outcome).not.toHaveProperty('failedMember');
    for (const other of all.slice(1, -1)) expect([other.code, other.outcome?.cause]).toEqual([143, 'Stopped']);
  });

  test('with several ranks in a member, the rank is not guessed', async () => {
    const gang = await start({ members: 2, procs: 4 }, ...sh('[ $CX_MEMBER = 1 ] && exit 255; exec sleep 60'));
    const { outcome } = await gang.ended(0);
    expect(outcome).toMatchObject({ cause: 'ProgramFailed', code: 255, failedMember: 1 });
    expect(outcome).not.toHaveProperty('failedRank');
  });

  test('a program killed by a signal', async () => {
    const gang = await start({ members: 2 }, ...sh('[ $CX_MEMBER = 1 ] && kill -SEGV $$; exec sleep 60'));
    const [head, worker] = await gang.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'ProgramFailed', code: 139, signal: 11, failedMember: 1 });
    expect(head?.code).toBe(139);
    expect(worker?.outcome).toMatchObject({ code: 139, signal: 11 });
  });

  test.each(['/no/such/program', '/etc/hostname'])('a command that cannot be run: %s', async (command) => {
    const gang = await start({ members: 2 }, command);
    const all = await gang.endedAll();
    expect(all.map((e) => [e.code, e.outcome?.cause])).toEqual([
      [127, 'CommandNotFound'],
      [127, 'CommandNotFound'],
    ]);
    expect(all[0]?.outcome?.started).toBe(false);
  });

  test('a signal of the operator reaches every member once', async () => {
    const gang = await start(
      { members: 3 },
      ...sh(
        'trap "echo got" USR1; echo up; for i in 1 2 3 4 5 6; do sleep 0.1; done; while ! [ -e $CX_DIR/../go ]; do sleep 0.05; done',
      ),
    );
    for (const i of [0, 1, 2]) await gang.printed(i, 'up\n');
    await gang.status((s) => s.started && s.ranks === 3);
    expect(await gang.ask('signal USR1')).toBe('ok');
    expect(await gang.ask('signal KILL')).toMatch(/^no /);
    for (const i of [0, 1, 2]) await gang.printed(i, 'got\n');
    expect(await gang.ask('stop enough')).toBe('ok');
    for (const e of await gang.endedAll()) expect(e.stdout.match(/got/g)?.length).toBe(1);
  });

  test('stop: SIGTERM, and time to save', async () => {
    const gang = await start({ members: 2, grace: 10 }, ...waiting('sleep 0.4; echo saved; exit 0'));
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    expect(await gang.ask('stop preempted by crew/fast-7')).toBe('ok');
    const all = await gang.endedAll();
    expect(all.map((e) => [e.code, e.stdout])).toEqual([
      [143, 'up\nsaved\n'],
      [143, 'up\nsaved\n'],
    ]);
    expect(all[0]?.outcome).toMatchObject({
      outcome: 'stopped',
      cause: 'Stopped',
      message: 'preempted by crew/fast-7',
      code: 143,
    });
  });

  test('stop: SIGKILL for those who do not end', async () => {
    const gang = await start({ members: 2, grace: 1 }, ...waiting('echo no'));
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    await gang.ask('stop');
    expect((await gang.endedAll()).map((e) => [e.code, e.outcome?.cause])).toEqual([
      [143, 'Stopped'],
      [143, 'Stopped'],
    ]);
  });

  test('stop before all have joined', async () => {
    const gang = await Gang.prepare(launcher, { members: 3 });
    gang.startMember(0, 'true');
    gang.startMember(1, 'true');
    await gang.status((s) => s.joined === 2);
    await gang.ask('stop taken back');
    const [head, worker] = await gang.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'Stopped', started: false });
    expect(head?.outcome).not.toHaveProperty('startedAt');
    expect(worker?.code).toBe(143);
  });

  test('a member 0 that the kubelet ends stops the gang', async () => {
    const gang = await start({ members: 2 }, ...waiting('exit 0'));
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    gang.child(0).kill('SIGTERM');
    expect((await gang.endedAll()).map((e) => [e.code, e.outcome?.cause])).toEqual([
      [143, 'Stopped'],
      [143, 'Stopped'],
    ]);
  });

  test('a worker that the kubelet ends is lost, not failed', async () => {
    const gang = await start({ members: 3 }, ...waiting('exit 1'));
    for (const i of [0, 1, 2]) await gang.printed(i, 'up\n');
    gang.child(2).kill('SIGTERM');
    const all = await gang.endedAll();
    expect(all[0]?.outcome).toMatchObject({ outcome: 'failed', cause: 'MemberLost', failedMember: 2, code: 75 });
    expect(all.map((e) => e.code)).toEqual([75, 143, 143]);
  });

  test('a worker that the kubelet ends before it could join', async () => {
    const gang = await Gang.prepare(launcher, { members: 2, env: { CX_MAILBOX: 'nowhere.invalid:7117' } });
    gang.startMember(1, 'true');
    await new Promise((done) => setTimeout(done, 300));
    gang.child(1).kill('SIGTERM');
    expect((await gang.ended(1)).outcome).toMatchObject({ cause: 'Stopped', code: 143 });
  });

  test('a worker that dies is lost; its peers end', async () => {
    const gang = await start({ members: 3 }, ...sh('echo up; exec sleep 60'));
    for (const i of [0, 1, 2]) await gang.printed(i, 'up\n');
    gang.child(1).kill('SIGKILL');
    const [head, , other] = await gang.endedAll();
    expect(head?.outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1, code: 75 });
    expect([head?.code, other?.code]).toEqual([75, 143]);
  });

  test('a worker that falls silent is lost', async () => {
    const gang = await start({ members: 2 }, ...sh('echo up; exec sleep 60'));
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    gang.child(1).kill('SIGSTOP');
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 1 });
    gang.child(1).kill('SIGCONT');
    expect((await gang.ended(1)).code).not.toBe(0);
  });

  test('workers that lose member 0 stop their program and end with 75', async () => {
    const gang = await start({ members: 2 }, ...waiting('echo stopped; exit 0'));
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    gang.child(0).kill('SIGKILL');
    const worker = await gang.ended(1);
    expect(worker.stdout).toBe('up\nstopped\n');
    const lost = { member: 1, outcome: 'failed', cause: 'MemberLost', code: 75, failedMember: 0 };
    expect(worker.outcome).toMatchObject(lost);
    expect(worker.code).toBe(75);
  });

  // A member 0 that hears of a failed program tells the others to stop; one that is gone may be why the program failed.
  test('a program that fails while member 0 is silent has lost it', async () => {
    const gang = await start(
      { members: 2 },
      ...sh('echo up; while ! [ -e $CX_DIR/fail ]; do sleep 0.05; done; exit 3'),
    );
    for (const i of [0, 1]) await gang.printed(i, 'up\n');
    gang.child(0).kill('SIGSTOP');
    writeFileSync(join(gang.memberDir(1), 'fail'), '');
    const worker = await gang.ended(1);
    expect(worker.outcome).toMatchObject({ cause: 'MemberLost', code: 75, signal: 0, failedMember: 0 });
    expect(worker.code).toBe(75);
  });

  test.each([
    ['CX_MEMBER', '2'],
    ['CX_MEMBERS', 'many'],
    ['CX_LAUNCH', 'telepathy'],
    ['CX_MAILBOX', 'crew-0'],
    ['CX_HOSTS', 'crew-%s'],
    ['CX_TOKEN_FILE', '/etc/hostname'],
    ['CX_GRACE', '-1'],
  ])('a broken environment is our fault and says where: %s=%s', async (name, value) => {
    const gang = await start({ members: 1, env: { [name]: value } }, 'true');
    const { code, outcome } = await gang.ended(0);
    expect(outcome).toMatchObject({ outcome: 'failed', cause: 'LaunchFailed', code: 71 });
    expect(outcome?.message).toContain(name);
    expect(code).toBe(71);
  });

  test('the token is in no argument, no log, no message and no child’s environment', async () => {
    const gang = await start({ members: 2 }, ...sh('env; cat /proc/$PPID/cmdline /proc/$PPID/environ'));
    for (const e of await gang.endedAll()) {
      expect(e.stdout).toContain('CX_TOKEN_FILE');
      expect(e.stdout + e.stderr + JSON.stringify(e.outcome)).not.toContain(gang.token);
    }
  });
});
