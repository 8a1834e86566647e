import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../operator/main.ts');

/** One line of the operator's log. */
export type LogLine = {
  level: string;
  msg: string;
  error?: string;
  err?: { message?: string; stack?: string };
  /** Of a reconcile that failed; `panic` is a mistake in the program. */
  outcome?: string;
};

export type OperatorOptions = {
  /** Name under which it leads. One that starts again under the same name takes its lease back at once. */
  holder: string;
  kubeconfig: string;
  namespace: string;
  launcherImage: string;
  /** Further variables, or other values of those set here. */
  env?: Record<string, string>;
};

/** Bounds short enough for tests, long enough for a machine of two busy cores. Seconds. */
const QUICK = {
  COXSWAIN_LEASE_SECONDS: '6',
  COXSWAIN_LEASE_RENEW_SECONDS: '4',
  COXSWAIN_LEASE_RETRY_SECONDS: '0.5',
  COXSWAIN_LOST_NODE_SECONDS: '2',
  COXSWAIN_BIND_ADDRESS: '127.0.0.1',
  COXSWAIN_METRICS_PORT: '0',
  COXSWAIN_HEALTH_PORT: '0',
};

/** The operator as a process of this machine, started from its sources, as the image starts it. */
export class OperatorProcess {
  readonly log: LogLine[] = [];
  readonly holder: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #listeners = new Set<() => void>();

  private constructor(child: ChildProcess, holder: string) {
    this.#child = child;
    this.holder = holder;
    this.#exited = once(child, 'exit').then(() => this.#tell());
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
  }

  static start({ holder, kubeconfig, namespace, launcherImage, env }: OperatorOptions): OperatorProcess {
    // Should the tests be killed, it dies with them: a forgotten operator would act on the next run's jobs.
    const command = ['--pdeathsig', 'KILL', process.execPath, '--disable-proto=delete', MAIN];
    const child = spawn('setpriv', command, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        ...QUICK,
        COXSWAIN_NAMESPACE: namespace,
        COXSWAIN_HOLDER: holder,
        COXSWAIN_KUBECONFIG: kubeconfig,
        COXSWAIN_LAUNCHER_IMAGE: launcherImage,
        ...env,
      },
    });
    return new OperatorProcess(child, holder);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Exit code; null while it runs and after a signal. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Resolves with its exit code when it has ended; null after a signal. */
  async ended(): Promise<number | null> {
    await this.#exited;
    return this.exitCode;
  }

  /** Resolves when it leads. Rejects with its last words if it ends before. */
  async leading(): Promise<void> {
    await this.logged(({ msg }) => msg === 'leading');
  }

  /** The first line that `which` accepts, as soon as it is there. */
  async logged(which: (line: LogLine) => boolean, limit = 60_000): Promise<LogLine> {
    const end = performance.now() + limit;
    for (;;) {
      const line = this.log.find(which);
      if (line) return line;
      const left = end - performance.now();
      if (!this.running) throw new Error(`the operator ended with ${this.#child.exitCode}:\n${this.tail()}`);
      if (left <= 0) throw new Error(`the operator did not say so in ${limit / 1000} s:\n${this.tail()}`);
      await this.#change(left);
    }
  }

  /** Sends a signal; SIGKILL, SIGTERM and SIGINT are waited for until the process is gone. */
  async signal(name: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    this.#child.kill(name);
    if (name === 'SIGKILL' || name === 'SIGTERM' || name === 'SIGINT') await this.#exited;
  }

  /**
   * Its own complaints: lines of level error or worse, but for a lease that was taken from it, and what is no log line.
   * Those that are `expected` of what was done to it are none.
   */
  complaints(expected: (line: LogLine) => boolean = () => false): string[] {
    const grave = ['error', 'fatal', 'raw'];
    const own = this.log.filter(
      (line) => grave.includes(line.level) && line.msg !== 'the lease is lost' && !expected(line),
    );
    return own.map((line) => `${this.holder}: ${JSON.stringify(line)}`);
  }

  /** The last lines of its log. */
  tail(lines = 25): string {
    return this.log
      .slice(-lines)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  #hear(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine);
    } catch {
      this.log.push({ level: 'raw', msg: line });
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #change(limit: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limit);
      this.#listeners.add(done);
    });
  }
}
