/** Runs the kernels as their users do, as processes, and finds what they report. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started process: `done` settles when it has ended. Open MPI runs as root, too. `timeout`: milliseconds until it is killed. */
export function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout?: number,
) {
  const child = spawn(command, args, {
    env: { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const done = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, done };
}

/** Words of mpirun for `ranks` ranks of a program; more ranks than cores are fine. */
export function mpirunWords(ranks: number, program: string, args: readonly string[]): string[] {
  return ['--oversubscribe', '-np', String(ranks), program, ...args];
}

const WORD = 'COXSWAIN_RESULT ';

/** What the last line reports; undefined where it reports nothing. */
export function reported({ stdout }: Finished): unknown {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith(WORD) ? JSON.parse(last.slice(WORD.length)) : undefined;
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
