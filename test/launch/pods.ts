// Pods without Kubernetes: each is a network namespace with its own host name, process ids, IPC, root and /tmp, all on
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
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
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

/** Has one `ip` do all this in a network namespace: there are many pods, and a process costs more than what it does. */
async function configure(namespace: string, lines: readonly string[]): Promise<void> {
  const done = run('ip', ['-n', namespace, '-batch', '-']);
  done.child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
  await done;
}

export interface PodsOptions {
  members: number;
  procs: number;
  /** Root file system of the pods; they see it read-only. */
  root: string;
  launch: 'openmpi' | 'mpich' | 'mpirun' | 'direct';
  grace?: number;
  /** Of all members, or of each. */
  env?: Record<string, string> | ((member: number) => Record<string, string>);
  /** A program of this machine, copied to /mnt/crew. */
  program?: string;
  /** Folders of this machine that every pod finds as /mnt/NAME, as a volume is shared. */
  shares?: Record<string, string>;
}

interface Pod {
  unshare: ChildProcess;
  stdout: string;
  stderr: string;
  over: boolean;
  ended: Promise<Ended>;
}

export class Pods {
  readonly options: PodsOptions;
  readonly dir = mkdtempSync(join(tmpdir(), 'cx-pods-'));
  readonly token = randomBytes(32).toString('hex');
  // At most 15 bytes with its suffix: the kernel's limit for interface names.
  private readonly name = `cx${process.pid.toString(36)}${(serial++).toString(36)}`;
  private readonly pods = new Map<number, Pod>();

  private constructor(options: PodsOptions) {
    this.options = options;
  }

  /** Makes the network and the pods' folders; nothing runs yet. */
  static async prepare(launcher: string, options: PodsOptions): Promise<Pods> {
    const pods = new Pods(options);
    chmodSync(pods.dir, 0o755);
    try {
      await pods.makeNetwork();
      for (let i = 0; i < options.members; i++) await pods.makeFolder(i, launcher);
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
    const members = Array.from({ length: this.options.members }, (_, i) => i);
    for (const part of ['hub' as const, ...members]) await run('ip', ['netns', 'add', this.namespace(part)]);
    await configure(hub, [
      'link add bridge type bridge',
      'addr add 10.77.0.254/24 dev bridge',
      'link set bridge up',
      ...members.flatMap((i) => [
        `link add v${i} type veth peer name eth0 netns ${this.namespace(i)}`,
        `link set v${i} master bridge up`,
      ]),
    ]);
    for (const i of members) {
      await configure(this.namespace(i), [
        `addr add 10.77.0.${i + 1}/24 dev eth0`,
        'link set lo up',
        'link set eth0 up',
        'route add default via 10.77.0.254',
      ]);
    }
  }

  private podDir(i: number): string {
    return join(this.dir, String(i));
  }

  private async makeFolder(i: number, launcher: string): Promise<void> {
    const dir = this.podDir(i);
    mkdirSync(join(dir, 'cx'), { recursive: true });
    mkdirSync(join(dir, 'root'));
    chmodSync(join(dir, 'cx'), 0o777);
    await run(launcher, ['install', join(dir, 'cx')]);
    if (this.options.program !== undefined) copyFileSync(this.options.program, join(dir, 'crew'));
    for (const name of Object.keys(this.options.shares ?? {})) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'token'), `${this.token}\n`);
    writeFileSync(join(dir, 'termination'), '');
    chmodSync(join(dir, 'termination'), 0o666);
    // Only member 0's name can be looked up, as the protocol promises to need no other.
    writeFileSync(
      join(dir, 'hosts'),
      `127.0.0.1 localhost\n10.77.0.1 crew-0.crew.test crew-0.crew.demo.svc crew-0\n10.77.0.${i + 1} crew-${i}\n`,
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

  /** When the pod last wrote into this file of its folder, seconds since the epoch. */
  writtenAt(i: number, path: string): number {
    return statSync(join(this.podDir(i), path)).mtimeMs / 1000;
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
      CX_LAUNCH: o.launch,
      CX_MAILBOX: `crew-0.crew.test:${port}`,
      CX_HOSTS: 'crew-%d.crew.test',
      CX_TOKEN_FILE: '/mnt/token',
      CX_GRACE: String(o.grace ?? 2),
      CX_TERMINATION_PATH: '/mnt/termination',
      // There are more ranks than cores: those that wait let the others run.
      OMPI_MCA_mpi_yield_when_idle: '1',
      MPIR_CVAR_POLLS_BEFORE_YIELD: '1',
      ...(typeof o.env === 'function' ? o.env(i) : o.env),
    };
    const dir = this.podDir(i);
    // The mount table is a copy of this pod's own: nothing below is seen outside, and all of it ends with the pod.
    const script = `set -e; R=${dir}/root; hostname crew-${i}
      mount --bind ${o.root} $R; mount -o remount,bind,ro $R
      mount -t proc proc $R/proc; mount --rbind /sys $R/sys; mount --rbind /dev $R/dev
      mount -t tmpfs -o mode=1777 tmpfs $R/dev/shm; mount -t tmpfs -o mode=1777 tmpfs $R/tmp
      # Left by an earlier start; Open MPI 5 refuses to start over a session of its own process id.
      mkdir $R/tmp/left $(seq -f $R/tmp/prterun.crew-${i}.%g.123456 2 90); touch $R/tmp/left/by-an-earlier-start
      chown -R 123456 $R/tmp/left $R/tmp/prterun.*
      mount --bind ${dir}/hosts $R/etc/hosts; mount --bind ${dir}/resolv.conf $R/etc/resolv.conf; mount --bind ${dir} $R/mnt
      ${Object.entries(o.shares ?? {})
        .map(([name, folder]) => `mount --bind ${folder} $R/mnt/${name}`)
        .join('; ')}
      exec chroot $R setpriv --pdeathsig=KILL --reuid=123456 --regid=0 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"`;
    const inside = [
      'unshare',
      '--uts',
      '--ipc',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount',
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
      over: false,
      ended: new Promise((resolve) => {
        unshare.on('close', (code, signal) => {
          pod.over = true;
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

  /** Waits until pod i has printed `text`, at most so many seconds. */
  async printed(i: number, text: string, seconds = 60): Promise<void> {
    const pod = this.pod(i);
    const seen = () => (pod.stdout.includes(text) || pod.over ? true : undefined);
    const late = await eventually(JSON.stringify(text), seen, seconds).catch((error: Error) => error.message);
    if (pod.stdout.includes(text)) return;
    throw new Error(`pod ${i}: ${late === true ? `ended without ${text}` : late}; its stderr: ${pod.stderr}`);
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

  /**
   * Kills all processes of this name in pod i. From outside: what runs inside ends with the pod, which may be sooner than its
   * own end is seen. Throws if there is none.
   */
  kill(i: number, name: string): void {
    const space = (pid: number | string) => readlinkSync(`/proc/${pid}/ns/pid`);
    const pod = space(this.firstProcess(i));
    const found = readdirSync('/proc').filter((pid) => {
      try {
        // The kernel keeps 15 characters of a name.
        return readFileSync(`/proc/${pid}/comm`, 'utf8') === `${name.slice(0, 15)}\n` && space(pid) === pod;
      } catch {
        return false; // no process, or ended meanwhile
      }
    });
    if (found.length === 0) throw new Error(`no ${name} runs in pod ${i}`);
    for (const pid of found) process.kill(Number(pid), 'SIGKILL');
  }

  /** Runs a command of the pod's file system in its namespaces, as root. */
  async inside(i: number, ...command: string[]): Promise<string> {
    const target = [
      '-t',
      String(this.firstProcess(i)),
      '--net',
      '--mount',
      '--pid',
      '--uts',
      '--ipc',
      '--root',
      '--wd',
    ];
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

  async close(): Promise<void> {
    for (const pod of this.pods.values()) pod.unshare.kill('SIGKILL');
    await this.endedAll();
    for (const part of ['hub' as const, ...Array.from({ length: this.options.members }, (_, i) => i)]) {
      if (existsSync(`/run/netns/${this.namespace(part)}`)) await run('ip', ['netns', 'del', this.namespace(part)]);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
