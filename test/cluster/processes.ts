import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './sh.ts';

/** How one process of the cluster is started, kept on disk so that it can be started again by another run. */
export interface ProcessSpec {
  readonly name: string;
  readonly argv: readonly string[];
}

/** A process as the kernel knows it. The start time tells it from a later one that was given the same pid. */
interface Mark {
  readonly pid: number;
  readonly startTime: string;
}

/** `ending`: its first thread is gone, others are not yet; as long as they are, they hold its ports. */
export type ProcessState = 'running' | 'stopped' | 'ending' | 'dead';

// The process writes its own mark and then becomes the program: whatever kills the tool, and whenever, no process runs
// that is not on record. Field 22 of stat is the start time; "sh" has no blanks that would shift the fields.
const RECORD_AND_EXEC =
  'mark=$1; shift; read -r stat < /proc/$$/stat; set -f; start=$(echo "$stat" | cut -d" " -f22); ' +
  'echo "$$ $start" > "$mark.new" && mv "$mark.new" "$mark" && exec "$@"';

/** The processes of one cluster: started detached, recorded by pid and start time, logged to a file each. */
export class Processes {
  readonly #folder: string;
  readonly #logs: string;
  /** Command put before each program, which takes it into the cluster's namespaces. */
  readonly #enter: () => readonly string[];

  constructor(stateFolder: string, enter: () => readonly string[] = () => []) {
    this.#folder = join(stateFolder, 'processes');
    this.#logs = join(stateFolder, 'logs');
    this.#enter = enter;
  }

  log(name: string): string {
    return join(this.#logs, `${name}.log`);
  }

  /** Starts a process in a session of its own, so that it outlives this tool. An earlier one of that name must be dead. */
  async start(spec: ProcessSpec, enter: readonly string[] = this.#enter()): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await mkdir(this.#logs, { recursive: true });
    await rm(this.#mark(spec.name), { force: true });
    await writeFile(this.#spec(spec.name), JSON.stringify(spec));
    const log = openSync(this.log(spec.name), 'a');
    const argv = [...enter, 'sh', '-c', RECORD_AND_EXEC, spec.name, this.#mark(spec.name), ...spec.argv];
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      detached: true,
      stdio: ['ignore', log, log],
      // No proxies and no credentials of the user's: a cluster that behaves the same everywhere.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: this.#folder },
    });
    closeSync(log);
    child.unref();
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    await until(
      `${spec.name} to start`,
      10_000,
      async () => {
        if (failure !== undefined || child.exitCode !== null) return true;
        return (await this.#read(spec.name)) !== undefined;
      },
      5,
    );
    if (failure !== undefined) throw failure;
    // One that is on record became the program, however short its life was.
    if ((await this.#read(spec.name)) === undefined)
      throw new Error(`${spec.name} ended at once; see ${this.log(spec.name)}`);
  }

  /** True if the process runs, and with these arguments. */
  async runs(spec: ProcessSpec): Promise<boolean> {
    const known = await readFile(this.#spec(spec.name), 'utf8').catch(() => undefined);
    return known === JSON.stringify(spec) && (await this.state(spec.name)) === 'running';
  }

  /** Makes the process run as specified: starts it if it is dead, starts it anew if it runs with other arguments. */
  async ensure(spec: ProcessSpec): Promise<void> {
    if (await this.runs(spec)) return;
    await this.kill(spec.name);
    await this.start(spec);
  }

  /** Starts the process called `name` again as it was started before. */
  async restart(name: string): Promise<void> {
    const spec = await this.spec(name);
    await this.kill(name);
    await this.start(spec);
  }

  /** How the process called `name` was started last. */
  async spec(name: string): Promise<ProcessSpec> {
    return JSON.parse(await readFile(this.#spec(name), 'utf8')) as ProcessSpec;
  }

  /** Names of all recorded processes, dead ones too. */
  async names(): Promise<string[]> {
    const files = await readdir(this.#folder).catch(() => []);
    return files
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .sort();
  }

  /** Pid of a living process, or undefined. */
  async pid(name: string): Promise<number | undefined> {
    const mark = await this.#read(name);
    return mark !== undefined && stateOf(mark) !== 'dead' ? mark.pid : undefined;
  }

  async state(name: string): Promise<ProcessState> {
    const mark = await this.#read(name);
    return mark === undefined ? 'dead' : stateOf(mark);
  }

  /** Sends a signal; false if the process is dead. */
  async signal(name: string, signal: NodeJS.Signals): Promise<boolean> {
    const pid = await this.pid(name);
    if (pid === undefined) return false;
    try {
      return process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  /** Waits until `question` is answered, for at most `limit` milliseconds, and not a moment longer than `name` lives. */
  async waitFor(name: string, what: string, limit: number, question: () => Promise<boolean>): Promise<void> {
    let dead = false;
    await until(what, limit, async () => {
      dead = (await this.state(name)) === 'dead';
      return dead || (await question());
    });
    if (dead) throw new Error(`${name} has died; see ${this.log(name)}`);
  }

  /** Kills a process outright and waits for its end. */
  async kill(name: string): Promise<void> {
    if (!(await this.signal(name, 'SIGKILL'))) return;
    await until(`${name} to end`, 20_000, async () => (await this.state(name)) === 'dead', 5);
  }

  /** Ends a process and forgets it. */
  async remove(name: string): Promise<void> {
    await this.kill(name);
    for (const file of [this.#mark(name), this.#spec(name)]) await rm(file, { force: true });
  }

  #spec(name: string): string {
    return join(this.#folder, `${name}.json`);
  }

  #mark(name: string): string {
    return join(this.#folder, `${name}.pid`);
  }

  async #read(name: string): Promise<Mark | undefined> {
    const text = await readFile(this.#mark(name), 'utf8').catch(() => '');
    const [pid, startTime] = text.trim().split(' ');
    return pid !== undefined && startTime !== undefined ? { pid: Number(pid), startTime } : undefined;
  }
}

function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function stateOf(mark: Mark): ProcessState {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${mark.pid}/stat`, 'utf8');
  } catch {
    return 'dead';
  }
  // The command's name, in brackets, may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [letter] = fields;
  if (fields[19] !== mark.startTime || letter === 'X') return 'dead';
  if (letter === 'Z') return threads(mark.pid) > 1 ? 'ending' : 'dead';
  return letter === 'T' || letter === 't' ? 'stopped' : 'running';
}
