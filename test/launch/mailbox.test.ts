// The mailbox against those who do not keep to the protocol, with address and undefined-behaviour checks built in: a
// launcher that was made to fail ends with a report of the checks, and not as these tests expect.

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, buildLauncher, missing } from './build.ts';
import { eventually, Gang, type GangOptions } from './gang.ts';
import { Line, request } from './mailbox.ts';

const reason = missing(['make', 'gcc']);
const full = process.env['COXSWAIN_FULL'] === '1';

describe.skipIf(reason !== undefined)('the mailbox', { concurrent: true }, () => {
  let launcher = '';

  beforeAll(async () => {
    launcher = await buildChecked();
  }, 120_000);

  afterAll(() => Gang.closeAll());

  /** Member 0 of a gang whose workers the test plays. */
  async function alone(options: Partial<GangOptions> = {}, ...command: string[]): Promise<Gang> {
    const gang = await Gang.prepare(launcher, { members: 3, procs: 2, ...options });
    gang.startMember(0, ...(command.length > 0 ? command : ['sleep', '60']));
    await gang.status((s) => s.joined === 1);
    return gang;
  }

  /** A worker played by the test: joined, and pinging. */
  async function join0(gang: Gang, member: number): Promise<Line> {
    const line = new Line(gang.port);
    const pings = setInterval(() => line.say('ping'), 1000);
    line.socket.on('close', () => clearInterval(pings));
    line.say(`CX1 ${gang.token} join ${member}`);
    await eventually('ok', () => (line.lines[0] === 'ok' ? true : undefined));
    return line;
  }

  const saw = (line: Line, text: string): Promise<true> =>
    eventually(text, () => (line.lines.includes(text) ? true : undefined));

  /** Still there, still in order: then it is stopped, and must end without a complaint of the checks. */
  async function sound(gang: Gang): Promise<void> {
    expect(JSON.parse(await gang.ask('status'))).toMatchObject({ members: gang.options.members });
    expect(await gang.ask('stop')).toBe('ok');
    const { code, outcome, stderr } = await gang.ended(0);
    expect(stderr).not.toMatch(/Sanitizer|runtime error/);
    expect([code, outcome?.cause]).toEqual([143, 'Stopped']);
  }

  test('a wrong token closes the connection without a word, whatever it asks', async () => {
    const gang = await alone();
    const other = (digit: string | undefined): string => (digit === '0' ? '1' : '0');
    const flipped = other(gang.token[0]) + gang.token.slice(1);
    const tokens = [flipped, gang.token.slice(0, 63), `${gang.token}0`, '', '*'.repeat(64)];
    const last = gang.token.slice(0, 63) + other(gang.token[63]);
    for (const token of [...tokens, last]) expect(await request(gang.port, `CX1 ${token} status\n`)).toBe('');
    for (const greeting of ['CX2', 'cx1', ' CX1', ''])
      expect(await request(gang.port, `${greeting} ${gang.token} status\n`)).toBe('');
    await sound(gang);
  });

  test('an unknown verb closes, a verb with wrong words is refused', async () => {
    const gang = await alone();
    for (const verb of ['', 'shout', 'Status', 'status a b c d e', 'joinx 1']) expect(await gang.ask(verb)).toBe('');
    for (const words of [
      'join 0',
      'join 3',
      'join',
      'join -1',
      'join 1x',
      'join  1',
      'put crew-1 AAAA',
      'rank 0 0',
      'rankexit 0 0 1 0',
      'signal',
      'signal HUP',
      'signal usr1',
    ]) {
      expect(await gang.ask(words)).toMatch(/^no /);
    }
    await sound(gang);
  });

  test('a member joins once', async () => {
    const gang = await alone();
    const first = await join0(gang, 1);
    expect(await gang.ask('join 1')).toBe('no taken');
    expect(await gang.ask('join 2 and more')).toBe('ok');
    expect(first.socket.destroyed).toBe(false);
  });

  test('go, signal, stop, bye; a member heard from by ping alone', async () => {
    const gang = await alone({ members: 2, grace: 5 }, 'sh', '-c', 'trap "" USR1; sleep 60');
    const worker = await join0(gang, 1);
    await saw(worker, 'go');
    worker.say('started');
    await gang.status((s) => s.started && s.ranks === 2);
    await saw(worker, 'ping');
    expect(await gang.ask('signal USR1')).toBe('ok');
    await saw(worker, 'signal USR1');
    expect(await gang.ask('stop now')).toBe('ok');
    await saw(worker, 'stop now');
    worker.say('exit 143 15');
    await saw(worker, 'bye');
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'Stopped', message: 'now' });
  });

  test('a worker that never reports does not hold up the end for ever', async () => {
    const gang = await alone({ members: 2, grace: 0 });
    const worker = await join0(gang, 1);
    await saw(worker, 'go');
    await gang.ask('stop');
    expect((await gang.ended(0)).outcome?.cause).toBe('Stopped');
  });

  test('a failure that a dead member caused is the dead member’s, even if it is heard of first', async () => {
    const gang = await alone({ members: 3 });
    const one = await join0(gang, 1);
    const two = await join0(gang, 2);
    await saw(one, 'go');
    one.say('exit 1 0');
    await saw(two, 'stop the program of member 1 ended with 1');
    two.socket.destroy();
    expect((await gang.ended(0)).outcome).toMatchObject({ cause: 'MemberLost', failedMember: 2 });
  });

  test('put is taken from this pod alone, and once', async () => {
    const gang = await alone({ members: 2, launch: 'openmpi', env: { PATH: '/nowhere' } });
    expect(await gang.ask(`put crew-1.crew ${btoa('true')}`)).toBe('ok');
    expect(await gang.ask(`put CREW-1 ${btoa('true')}`)).toMatch(/^no /);
    expect(await gang.ask('put crew-1')).toMatch(/^no /);
  });

  test('ranks report once, from one member, and count', async () => {
    const gang = await alone({ members: 2, launch: 'openmpi' });
    expect(await gang.ask('rank 3 1')).toBe('ok');
    expect(await gang.ask('rank 3 1')).toBe('ok');
    expect(await gang.ask('rank 3 0')).toBe('no taken');
    for (const words of [
      'rank 4 0',
      'rank 0 2',
      'rank 0',
      'rank',
      'rankexit 2 1 0 0',
      'rankexit 3 0 0 0',
      'rankexit 3 1 256 0',
      'rankexit 3 1 0',
    ]) {
      expect(await gang.ask(words)).toMatch(/^no /);
    }
    expect(JSON.parse(await gang.ask('status'))).toMatchObject({ ranks: 1, started: false });
    await sound(gang);
  });

  test('lines: in pieces, several at once, too long, with a zero byte', async () => {
    const gang = await alone();
    const slow = new Line(gang.port);
    for (const piece of ['CX', '1 ', gang.token, ' sta', 'tus', '\n']) {
      slow.socket.write(piece);
      await new Promise((done) => setTimeout(done, 20));
    }
    await slow.closed;
    expect(slow.lines[0]).toContain('"members":3');
    expect(await request(gang.port, `CX1 ${gang.token} status\nCX1 ${gang.token} stop\n`)).toContain('"members":3');
    expect(await request(gang.port, `CX1 ${gang.token} stop ${'x'.repeat(70_000)}\n`)).toBe('');
    expect(await request(gang.port, 'x'.repeat(500_000))).toBe('');
    expect(await request(gang.port, `CX1 ${gang.token} status\0\n`)).toBe('');
    await sound(gang);
  });

  test('silence before the first line is ended after a while, and takes no place from others', async () => {
    const gang = await alone();
    const silent = Array.from({ length: 200 }, () => new Line(gang.port));
    for (let i = 0; i < 20; i++) expect(await gang.ask('status')).toContain('"joined":1');
    await join0(gang, 1);
    await Promise.all(silent.map((line) => line.closed));
    await sound(gang);
  });

  test('thousands of connections, opened and dropped at once', async () => {
    const gang = await alone();
    const worker = await join0(gang, 1);
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? gang.ask('status') : request(gang.port, `CX1 wrong\n`))),
      );
    }
    expect(worker.socket.destroyed).toBe(false);
    await sound(gang);
  });

  test('a member that never reads is no danger to the others', async () => {
    const gang = await alone({ members: 3 });
    const deaf = await join0(gang, 1);
    deaf.socket.pause();
    for (let i = 0; i < 2000; i++) deaf.say('x'.repeat(500));
    for (let i = 0; i < 300; i++) await gang.ask('signal USR1');
    await sound(gang);
  });

  const word = fc.oneof(
    fc.constantFrom(
      'join',
      'put',
      'hold',
      'rank',
      'rankexit',
      'status',
      'started',
      'exit',
      'ping',
      'go',
      'crew-1',
      'USR1',
      '',
      '0',
      '1',
      '2',
      '-1',
      '99999999999',
      '%s%n',
      'AAAA',
      '====',
    ),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const words = fc.array(word, { maxLength: 8 }).map((w) => w.join(' '));

  test.each(['direct', 'openmpi', 'mpich', 'mpirun'] as const)(
    'whatever is said, %s member 0 stays sound',
    async (launch) => {
      const gang = await alone({ members: 40, launch });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), words), { maxLength: 6 }), async (lines) => {
          // Never a stop with the right token: that would be obeyed.
          const text = lines
            .map(([trusted, w]) => (trusted ? `CX1 ${gang.token} ${w}` : w))
            .filter((l) => !/ stop( |$)/.test(l));
          const line = new Line(gang.port);
          line.socket.end(`${text.join('\n')}\n`);
          await Promise.race([line.closed, new Promise((done) => setTimeout(done, 20))]);
          line.socket.destroy();
        }),
        { numRuns: full ? 5000 : 300 },
      );
      // A member may have joined and gone: then the attempt ends as lost, and soundly too.
      const status = await gang.ask('status');
      if (status === '') {
        const { outcome, stderr } = await gang.ended(0);
        expect(stderr).not.toMatch(/Sanitizer|runtime error/);
        expect(outcome?.cause).toBe('MemberLost');
      } else await sound(gang);
    },
  );

  test('whatever member 0 says, a worker stays sound', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 8 }), async (lines) => {
        const gang = await Gang.prepare(launcher, { members: 2, grace: 0, env: { PATH: '/nowhere' } });
        const server = createServer((socket) => {
          socket.on('error', () => socket.destroy());
          socket.once('data', () => socket.end(`ok\n${lines.join('\n')}\n`));
        });
        await new Promise<void>((done) => server.listen(gang.port, '127.0.0.1', done));
        gang.startMember(1, 'true');
        const { code, stderr, outcome } = await gang.ended(1);
        await new Promise((done) => server.close(done));
        await gang.close();
        expect(stderr).not.toMatch(/Sanitizer|runtime error/);
        expect(outcome?.member).toBe(1);
        expect([0, 75, 127, 143]).toContain(code);
      }),
      { numRuns: full ? 500 : 15 },
    );
  });

  test('install copies a binary that anybody may run, and ready tells when all runs', async () => {
    const gang = await Gang.prepare(await buildLauncher(), { members: 2 });
    expect(spawnSync(gang.binary, ['install', gang.dir]).status).toBe(0);
    const copy = join(gang.dir, 'cx-launch');
    expect(statSync(copy).mode & 0o777).toBe(0o755);
    expect(readFileSync(copy).equals(readFileSync(gang.binary))).toBe(true);
    const ready = (): number | null => spawnSync(copy, ['ready'], { env: gang.env(0) }).status;
    expect(ready()).toBe(1);
    gang.startMember(0, 'sleep', '60');
    await gang.status((s) => s.joined === 1);
    expect(ready()).toBe(1);
    gang.startMember(1, 'sleep', '60');
    await gang.status((s) => s.started);
    expect(ready()).toBe(0);
    expect(spawnSync(copy, ['sing']).status).toBe(64);
  });
});
