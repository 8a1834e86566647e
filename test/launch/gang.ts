// A gang of members on this machine's loopback, without containers: enough for the protocol and for direct launch.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from './mailbox.ts';
import { type Outcome, readOutcome } from './outcome.ts';

export interface GangOptions {
  members: number;
  procs?: number;
  launch?: 'direct' | 'openmpi' | 'mpich' | 'mpirun';
  grace?: number;
  env?: Record<string, string>;
}

export interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  outcome: Outcome | undefined;
}

interface Member {
  child: ChildProcess;
  stdout: string;
  stderr: string;
  ended: Promise<Ended>;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Polls until `test` gives a value; the only wait in these tests, and bounded. */
export async function eventually<T>(
  what: string,
  test: () => T | undefined | Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  for (const until = Date.now() + seconds * 1000; Date.now() < until; ) {
    const value = await test();
    if (value !== undefined) return value;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`not seen within ${seconds} s: ${what}`);
}

export class Gang {
  readonly dir = mkdtempSync(join(tmpdir(), 'cx-gang-'));
  readonly token = randomBytes(32).toString('hex');
  readonly port: number;
  readonly binary: string;
  readonly options: GangOptions;
  private readonly members = new Map<number, Member>();

  private static readonly all = new Set<Gang>();

  private constructor(binary: string, options: GangOptions, port: number) {
    this.binary = binary;
    this.options = options;
    this.port = port;
    Gang.all.add(this);
    writeFileSync(join(this.dir, 'token'), this.token, { mode: 0o600 });
  }

  static async prepare(binary: string, options: GangOptions): Promise<Gang> {
    return new Gang(binary, options, await freePort());
  }

  /** Prepares a gang and starts all its members, the workers first. */
  static async start(binary: string, options: GangOptions, ...command: string[]): Promise<Gang> {
    const gang = await Gang.prepare(binary, options);
    for (let i = options.members - 1; i >= 0; i--) gang.startMember(i, ...command);
    return gang;
  }

  env(i: number): NodeJS.ProcessEnv {
    const o = this.options;
    return {
      PATH: process.env['PATH'],
      CX_DIR: this.memberDir(i),
      CX_MEMBER: String(i),
      CX_MEMBERS: String(o.members),
      CX_PROCS: String(o.procs ?? 1),
      CX_LAUNCH: o.launch ?? 'direct',
      CX_MAILBOX: `127.0.0.1:${this.port}`,
      CX_HOSTS: 'crew-%d.crew',
      CX_TOKEN_FILE: join(this.dir, 'token'),
      CX_GRACE: String(o.grace ?? 1),
      CX_TERMINATION_PATH: join(this.memberDir(i), 'termination'),
      ...o.env,
    };
  }

  memberDir(i: number): string {
    return join(this.dir, String(i));
  }

  startMember(i: number, ...command: string[]): ChildProcess {
    mkdirSync(this.memberDir(i), { recursive: true });
    const child = spawn(this.binary, ['member', '--', ...command], {
      env: this.env(i),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const member: Member = {
      child,
      stdout: '',
      stderr: '',
      ended: new Promise((resolve) => {
        child.on('close', (code, signal) => {
          resolve(
            readOutcome(join(this.memberDir(i), 'termination')).then((outcome) => ({
              code,
              signal,
              stdout: member.stdout,
              stderr: member.stderr,
              outcome,
            })),
          );
        });
      }),
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (member.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (member.stderr += text));
    this.members.set(i, member);
    return child;
  }

  private member(i: number): Member {
    const member = this.members.get(i);
    if (member === undefined) throw new Error(`member ${i} was not started`);
    return member;
  }

  child(i: number): ChildProcess {
    return this.member(i).child;
  }

  ended(i: number): Promise<Ended> {
    return this.member(i).ended;
  }

  async endedAll(): Promise<Ended[]> {
    return Promise.all([...this.members.keys()].sort((a, b) => a - b).map((i) => this.ended(i)));
  }

  /** Waits until member i has printed `text`. */
  async printed(i: number, text: string): Promise<void> {
    await eventually(`${JSON.stringify(text)} from member ${i}`, () =>
      this.member(i).stdout.includes(text) ? true : undefined,
    );
  }

  /** One question with the right token; the answer's line, or '' if the connection was closed without one. */
  ask(words: string): Promise<string> {
    return request(this.port, `CX1 ${this.token} ${words}\n`);
  }

  /** Waits until the mailbox answers and `status` is as wanted. */
  async status(
    wanted: (s: { joined: number; members: number; started: boolean; ranks: number }) => boolean,
  ): Promise<void> {
    await eventually('the wanted status', async () => {
      const line = await this.ask('status');
      return line !== '' && wanted(JSON.parse(line)) ? true : undefined;
    });
  }

  /** Ends every gang of this test file. Tests run side by side, so that each cannot clean up for itself. */
  static async closeAll(): Promise<void> {
    for (const gang of Gang.all) await gang.close();
  }

  async close(): Promise<void> {
    Gang.all.delete(this);
    for (const m of this.members.values()) m.child.kill('SIGKILL');
    await this.endedAll();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
