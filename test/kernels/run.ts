/** Runs the kernels as their users do, as processes, and reads what they print. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { z } from 'zod';
import { missingPackages } from '../../kernels/build.ts';

const missing = missingPackages();
/** Tests skip where the compilers are missing, saying so, except on CI: there a skipped test is a hidden failure. */
export const skip = missing.length > 0 && !process.env.CI;
if (skip) console.warn(`kernels: skipped, Debian packages missing: ${missing.join(' ')}`);

const work = z.object({ flops: z.number(), bytes_hbm: z.number(), bytes_net: z.number(), msgs: z.number() });

/** The parts of the result contract that the tests read; every unknown figure must be null. */
const result = z.object({
  schema: z.literal('1.1'),
  kernel: z.string(),
  ranks: z.int(),
  nodes: z.int(),
  gpu: z.null(),
  time: z.object({ total_s: z.number().positive(), roi_s: z.number().positive(), io_s: z.number().nullable() }),
  fom: z.object({ name: z.string(), value: z.number().positive(), unit: z.string(), higher_is_better: z.boolean() }),
  figures: z.record(z.string(), z.object({ value: z.number().nullable(), unit: z.string() })),
  work,
  energy: z.object({ gpu_j: z.null(), cpu_j: z.null() }),
  verified: z.boolean(),
  check: z.object({ name: z.string(), value: z.number(), tol: z.number(), hash: z.string().length(16) }),
  warnings: z.array(z.string()),
});

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A started process: `done` settles when it has ended. Killed at the latest after 50 s. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
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

export async function run(command: string, args: readonly string[], env: Record<string, string> = {}) {
  return start(command, args, env).done;
}

/** Runs an MPI program; more ranks than cores are fine. */
export async function mpirun(
  ranks: number,
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
) {
  return run('mpirun', ['--oversubscribe', '-np', String(ranks), program, ...args], env);
}

/** Reads the contract's last line. Throws when it is not the last line, or does not hold. */
export function resultOf({ code, stdout, stderr }: Finished) {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('COXSWAIN_RESULT ')) throw new Error(`no result (exit code ${code}): ${stdout}${stderr}`);
  return result.parse(JSON.parse(last.slice('COXSWAIN_RESULT '.length)));
}

export async function planOf(program: string, args: readonly string[]) {
  return z.object({ work }).parse(JSON.parse((await run(program, ['--plan', ...args])).stdout)).work;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
