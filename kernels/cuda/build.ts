/** Compiles the CUDA kernels for every architecture that they are made for. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesBelow, hashOf, makeOnce } from '../cache.ts';
import { cudaCompiler } from './compiler.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const kernels = join(here, '..');

/** A100, H100 and H200 (twice: 90a has their matrix instructions), B200. */
export const architectures = ['sm_80', 'sm_90', 'sm_90a', 'sm_100'] as const;

// Machine code for each, and PTX of the last for those that come after. Never -arch=sm_90a: it would add PTX of 90 without a.
const targets = [
  ...architectures.map((sm) => `-gencode=arch=${sm.replace('sm', 'compute')},code=${sm}`),
  '-gencode=arch=compute_100,code=compute_100',
];
// No fused multiply-adds: the CPU's back ends have none, and results are compared to the bit.
const options = ['-std=c++17', '-O3', '-fmad=false', '-Werror=all-warnings', `-I${kernels}`];

/** The path of a fat binary with all kernels for all architectures. Throws with the compiler's words. */
export async function compileCuda(log: (line: string) => void = () => {}): Promise<string> {
  const sources = filesBelow(here, (path) => /\.(cuh?|hpp)$/.test(path));
  const tools = [readFileSync(join(here, 'compiler.ts'), 'utf8'), ...targets, ...options.slice(0, -1)];
  const folder = await makeOnce(`cuda-fatbin-${hashOf(here, sources, tools)}`, async (target) => {
    const nvcc = await cudaCompiler(log);
    log(`compiling the CUDA kernels for ${architectures.join(', ')} and PTX`);
    try {
      await run(nvcc, [
        ...options,
        ...targets,
        '-fatbin',
        join(here, 'kernels.cu'),
        '-o',
        join(target, 'kernels.fatbin'),
      ]);
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`nvcc failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
    }
  });
  return join(folder, 'kernels.fatbin');
}

/** The program that runs the same sources on CPU threads, under ThreadSanitizer. Throws with the compiler's words. */
export async function buildShim(): Promise<string> {
  const sources = filesBelow(here, (path) => /\.(cuh|hpp|cpp)$/.test(path));
  const { stdout: compiler } = await run('c++', ['--version']);
  const folder = await makeOnce(`cuda-shim-${hashOf(here, sources, [compiler])}`, async (target) => {
    const flags = ['-std=c++20', '-O1', '-g', '-fsanitize=thread', '-Wall', '-Wextra', '-Wshadow', '-Werror'];
    await run('c++', [...flags, `-I${kernels}`, join(here, 'shim_check.cpp'), '-o', join(target, 'shim_check')]);
  });
  return join(folder, 'shim_check');
}
