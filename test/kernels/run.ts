/** Runs the kernels as their users do, as processes, and reads what they print. */
import { z } from 'zod';
import { missingPackages } from '../../kernels/build.ts';
import * as kernels from '../../kernels/process.ts';

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

/**
 * The same of an attempt that resumed, and may have found all work done: then neither the time nor the speed of the region of
 * interest is known.
 */
const resumedResult = z
  .object({
    ...result.shape,
    time: result.shape.time.extend({ roi_s: z.number().positive().nullable() }),
    fom: result.shape.fom.extend({ value: z.number().positive().nullable() }),
  })
  .refine(
    ({ time, fom }) => (time.roi_s === null) === (fom.value === null),
    'time and speed are known or unknown together',
  );

/** The same of what may have used GPUs. */
const gpuResult = z.object({
  build: z.object({ backend: z.string(), nvcc: z.string().nullable() }),
  problem: z.object({ dtype: z.string() }),
  ranks: z.int(),
  gpus: z.int(),
  gpu: z.object({ name: z.string(), uuid: z.array(z.string()), hbm_gb: z.number() }).nullable(),
  power: z.object({ cap_w: z.number().nullable() }).nullable(),
  energy: z.object({ gpu_j: z.number().nullable() }),
  ...result.pick({ figures: true, work: true, verified: true, check: true, warnings: true }).shape,
});

export type { Finished } from '../../kernels/process.ts';
export { freePort } from '../../kernels/process.ts';

/** A started process: `done` settles when it has ended. Killed at the latest after 50 s. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}) {
  return kernels.start(command, args, env, 50_000);
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
  return run('mpirun', kernels.mpirunWords(ranks, program, args), env);
}

function lastLine(finished: kernels.Finished | undefined) {
  const found = finished && kernels.reported(finished);
  if (found === undefined)
    throw new Error(`no result (exit code ${finished?.code}): ${finished?.stdout}${finished?.stderr}`);
  return found;
}

/** Reads the contract's last line. Throws when it is not the last line, or does not hold. */
export const resultOf = (finished: kernels.Finished | undefined) => result.parse(lastLine(finished));
export const resumedResultOf = (finished: kernels.Finished | undefined) => resumedResult.parse(lastLine(finished));
export const gpuResultOf = (finished: kernels.Finished | undefined) => gpuResult.parse(lastLine(finished));

export async function planOf(program: string, args: readonly string[]) {
  return z.object({ work }).parse(JSON.parse((await run(program, ['--plan', ...args])).stdout)).work;
}
