// Pods without Kubernetes: each is a network namespace with its own host name, process ids, /tmp and /etc/hosts, all on
// one bridge that itself lives in a namespace, so that nothing is added to the machine's own network.
// Ranks run as an unknown user id without capabilities, as in a namespace that enforces PodSecurity `restricted`.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Ended, eventually } from './gang.ts';
import { readOutcome } from './outcome.ts';

const run = promisify(execFile);
const port = 7117;
let serial = 0;

export interface PodsOptions {
  members: number;
  procs: number;
  grace?: number;
  env?: Record<string, string>;
}

interface Pod {
  unshare: ChildProcess;
  stdout: string;
  stderr: string;
  ended: Promise<Ended>;
}

export class Pods {
  readonly options: PodsOptions;
  readonly dir = mkdtempSync(join(tmpdir(), 'cx-pods-'));
  readonly token = randomBytes(32).toString('hex');
  // At most 15 bytes with its suffix: the kernel's limit for interface names.
  private readonly name = `cx${process.pid.toString(36)}${(serial++).toString(36)}`;
  private readonly pods = new Map<number, Pod>();

  private static readonly all = new Set<Pods>();

  private constructor(options: PodsOptions) {
    Pods.all.add(this);
    this.options = options;
  }

  /** Makes the network and the pods' folders; nothing runs yet. */
  static async prepare(launcher: string, program: string, options: PodsOptions): Promise<Pods> {
    const pods = new Pods(options);
    chmodSync(pods.dir, 0o755);
    try {
      await pods.makeNetwork();
      for (let i = 0; i < options.members; i++) await pods.makeFolder(i, launcher, program);
    } catch (error) {
      await pods.close();
      throw error;
    }
    return pods;
  }

  private namespace(i: number | 'hub'): string {
    return `${this.name}-${i}`;
  }

  private async makeNetwork(): Promise<void> {
    const hub = this.namespace('hub');
    await run('ip', ['netns', 'add', hub]);
    await run('ip', ['-n', hub, 'link', 'add', 'bridge', 'type', 'bridge']);
    await run('ip', ['-n', hub, 'addr', 'add', '10.77.0.254/24', 'dev', 'bridge']);
    await run('ip', ['-n', hub, 'link', 'set', 'bridge', 'up']);
    for (let i = 0; i < this.options.members; i++) {
      const pod = this.namespace(i);
      await run('ip', ['netns', 'add', pod]);
      await run('ip', ['-n', hub, 'link', 'add', `v${i}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pod]);
      await run('ip', ['-n', hub, 'link', 'set', `v${i}`, 'master', 'bridge', 'up']);
      await run('ip', ['-n', pod, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'eth0']);
      await run('ip', ['-n', pod, 'link', 'set', 'lo', 'up']);
      await run('ip', ['-n', pod, 'link', 'set', 'eth0', 'up']);
      await run('ip', ['-n', pod, 'route', 'add', 'default', 'via', '10.77.0.254']);
    }
  }

  private podDir(i: number): string {
    return join(this.dir, String(i));
  }

  private async makeFolder(i: number, launcher: string, program: string): Promise<void> {
    const dir = this.podDir(i);
    mkdirSync(join(dir, 'cx'), { recursive: true });
    chmodSync(join(dir, 'cx'), 0o777);
    await run(launcher, ['install', join(dir, 'cx')]);
    copyFileSync(program, join(dir, 'crew'));
    writeFileSync(join(dir, 'token'), `${this.token}\n`);
    writeFileSync(join(dir, 'termination'), '');
    chmodSync(join(dir, 'termination'), 0o666);
    // Only member 0's name can be looked up, as the protocol promises to need no other.
    writeFileSync(
      join(dir, 'hosts'),
      `127.0.0.1 localhost\n10.77.0.1 crew-0.crew.test crew-0\n10.77.0.${i + 1} crew-${i}\n`,
    );
    // And the name server is dead: nothing may wait for it.
    writeFileSync(join(dir, 'resolv.conf'), 'nameserver 10.77.0.200\n');
  }

  /** Gives pod i a script to be found before all other commands. */
  shim(i: number, name: string, script: string): void {
    mkdirSync(join(this.podDir(i), 'bin'), { recursive: true });
    writeFileSync(join(this.podDir(i), 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** A file that the pod left in its folder; undefined if there is none. */
  left(i: number, path: string): string | undefined {
    const file = join(this.podDir(i), path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /** Starts one pod. The command sees its folder as /mnt: /mnt/crew is the test program. */
  start(i: number, ...command: string[]): void {
    const o = this.options;
    const env = {
      PATH: '/mnt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      CX_DIR: '/mnt/cx',
      CX_MEMBER: String(i),
      CX_MEMBERS: String(o.members),
      CX_PROCS: String(o.procs),
      CX_LAUNCH: 'openmpi',
      CX_MAILBOX: `crew-0.crew.test:${port}`,
      CX_HOSTS: 'crew-%d.crew.test',
      CX_TOKEN_FILE: '/mnt/token',
      CX_GRACE: String(o.grace ?? 2),
      CX_TERMINATION_PATH: '/mnt/termination',
      ...o.env,
    };
    const script = `hostname crew-${i} && mount --bind ${this.podDir(i)} /mnt && mount --bind /mnt/hosts /etc/hosts && mount --bind /mnt/resolv.conf /etc/resolv.conf &&
      mount -t tmpfs -o mode=1777 tmpfs /tmp && mkdir /tmp/left && touch /tmp/left/by-an-earlier-start && chown -R 123456 /tmp/left &&
      mount -t tmpfs -o mode=1777 tmpfs /dev/shm &&
      exec setpriv --pdeathsig=KILL --reuid=123456 --regid=0 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`;
    const inside = [
      'unshare',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount',
      '--mount-proc',
      'sh',
      '-c',
      script,
      'sh',
    ];
    const args = [
      `--net=/run/netns/${this.namespace(i)}`,
      ...inside,
      'env',
      ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
      '/mnt/cx/cx-launch',
      'member',
      '--',
      ...command,
    ];
    const unshare = spawn('nsenter', args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    const pod: Pod = {
      unshare,
      stdout: '',
      stderr: '',
      ended: new Promise((resolve) => {
        unshare.on('close', (code, signal) => {
          resolve(
            readOutcome(join(this.podDir(i), 'termination')).then((outcome) => ({
              code,
              signal,
              stdout: pod.stdout,
              stderr: pod.stderr,
              outcome,
            })),
          );
        });
      }),
    };
    unshare.stdout.setEncoding('utf8').on('data', (text: string) => (pod.stdout += text));
    unshare.stderr.setEncoding('utf8').on('data', (text: string) => (pod.stderr += text));
    this.pods.set(i, pod);
  }

  startAll(...command: string[]): void {
    for (let i = this.options.members - 1; i >= 0; i--) this.start(i, ...command);
  }

  private pod(i: number): Pod {
    const pod = this.pods.get(i);
    if (pod === undefined) throw new Error(`pod ${i} was not started`);
    return pod;
  }

  ended(i: number): Promise<Ended> {
    return this.pod(i).ended;
  }

  endedAll(): Promise<Ended[]> {
    return Promise.all([...this.pods.keys()].sort((a, b) => a - b).map((i) => this.ended(i)));
  }

  /** Waits until pod i has printed `text`. */
  async printed(i: number, text: string): Promise<void> {
    const pod = this.pod(i);
    await eventually(`${JSON.stringify(text)} from pod ${i}; its stderr: ${pod.stderr}`, () =>
      pod.stdout.includes(text) ? true : undefined,
    );
  }

  /** Process id (on this machine) of the pod's first process. */
  private firstProcess(i: number): number {
    const pid = this.pod(i).unshare.pid ?? 0;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return Number(children.split(' ')[0]);
  }

  /** Signals the pod's first process as the kubelet (SIGTERM) or the kernel (SIGKILL) would. */
  signal(i: number, name: NodeJS.Signals): void {
    process.kill(this.firstProcess(i), name);
  }

  /** Runs a command of this machine in pod i's namespaces. */
  async inside(i: number, ...command: string[]): Promise<string> {
    const target = ['-t', String(this.firstProcess(i)), '--net', '--mount', '--pid', '--uts'];
    return (await run('nsenter', [...target, ...command])).stdout;
  }

  /** Asks the mailbox from inside pod 0; the answer's line. */
  async ask(words: string): Promise<string> {
    const line = `CX1 ${this.token} ${words}`;
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '%s\\n' "$0" >&3 && read -r answer <&3 && echo "$answer"`;
    return (await this.inside(0, 'bash', '-c', script, line)).trim();
  }

  /** Cuts the pod's cable: no packet leaves or reaches it, and nobody is told. */
  async vanish(i: number): Promise<void> {
    await run('ip', ['-n', this.namespace('hub'), 'link', 'set', `v${i}`, 'down']);
  }

  /** Ends all pods of this test file. Tests run side by side, so that each cannot clean up for itself. */
  static async closeAll(): Promise<void> {
    for (const pods of Pods.all) await pods.close();
  }

  async close(): Promise<void> {
    Pods.all.delete(this);
    for (const pod of this.pods.values()) pod.unshare.kill('SIGKILL');
    await this.endedAll();
    for (const part of ['hub' as const, ...Array.from({ length: this.options.members }, (_, i) => i)]) {
      if (existsSync(`/run/netns/${this.namespace(part)}`)) await run('ip', ['netns', 'del', this.namespace(part)]);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
