import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What a finished command left. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; 128 + n after signal n is not decoded: `code` is then 1 and the message of the signal in stderr. */
  readonly code: number;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Replaces the environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds, after which the command is killed. Default 10 minutes. */
  readonly timeout?: number;
}

/** Runs a command to its end and returns what it printed, whatever its exit status. Rejects only if it cannot start. */
export async function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return await new Promise((resolve, reject) => {
    const { input, timeout = 600_000, ...rest } = options;
    const child = execFile(
      command,
      [...args],
      { ...rest, timeout, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr, code: 0 });
        else if (typeof error.code === 'number') resolve({ stdout, stderr, code: error.code });
        else if (error.signal !== undefined && error.signal !== null)
          resolve({ stdout, stderr: `${stderr}\nended by ${error.signal}`, code: 1 });
        else reject(error);
      },
    );
    // A command that ends without reading its input closes the pipe; its exit status tells more than EPIPE would.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** Runs a command that must succeed. The error carries the command and the end of what it printed. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const output = await attempt(command, args, options);
  if (output.code === 0) return output.stdout;
  const said = (output.stderr.trim() || output.stdout.trim()).slice(-2000);
  throw new Error(`${command} ${args.join(' ')} ended with ${output.code}: ${said}`);
}

/** The first executable called `name` on PATH, or undefined. */
export async function which(name: string): Promise<string | undefined> {
  // Debian keeps the administrator's programs where an ordinary login's PATH does not look.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    if (folder !== '' && (await exists(path, constants.X_OK))) return path;
  }
  return undefined;
}

export async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

export async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Asks `question` until it answers something other than undefined or false.
 * @param limit milliseconds, after which it rejects with `what` and the last error.
 */
export async function until<T>(
  what: string,
  limit: number,
  question: () => Promise<T | undefined | false>,
  pause = 50,
): Promise<T> {
  const end = performance.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${limit / 1000} s for ${what}`, { cause: last });
    await sleep(pause);
  }
}
