/** Runs one kernel as its users do, and reads its result. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Kernels } from '../build.ts';
import { type KernelResult, kernelResult } from './line.ts';
import type { Run } from './runs.ts';

const WORD = 'COXSWAIN_RESULT ';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws an Error with the program's own words when it fails; a result that did not verify is returned as such. */
export async function launch(kernels: Kernels, run: Run): Promise<KernelResult> {
  const program = kernels[run.kernel];
  const ended = await (run.kernel === 'surrogate' ? byTcp(program, run) : byMpi(program, run));
  const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith(WORD)) throw new Error(ended.stderr.trim() || `${run.kernel} ended with ${ended.code}`);
  return kernelResult.parse(JSON.parse(last.slice(WORD.length)));
}

async function byMpi(program: string, { ranks, args }: Run): Promise<Ended> {
  if (ranks === 1) return await ended(program, args);
  return await ended('mpirun', ['--oversubscribe', '-np', String(ranks), program, ...args], {
    OMPI_ALLOW_RUN_AS_ROOT: '1',
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  });
}

/** All ranks on this machine; what rank 0 printed. */
async function byTcp(program: string, { ranks, args }: Run): Promise<Ended> {
  const meeting = { MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(await freePort()), WORLD_SIZE: String(ranks) };
  const all = Array.from({ length: ranks }, async (_, rank) =>
    ended(program, args, { ...meeting, RANK: String(rank) }),
  );
  const [first] = await Promise.all(all);
  if (first === undefined) throw new Error('a run has at least one rank');
  return first;
}

async function ended(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
