/** Builds the programs that have `--backend cuda`, and those that test them without a GPU. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mustHavePackages } from '../build.ts';
import { filesBelow, hashOf, makeOnce } from '../cache.ts';
import { cmakeBuild } from '../cmake.ts';
import { cudaCompiler } from './compiler.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const kernels = join(here, '..');

/** The programs that can use a GPU. */
export const cudaNames = ['attn', 'gemm', 'heat', 'nbody', 'stream'] as const;
export type CudaName = (typeof cudaNames)[number];
export type CudaPrograms = Readonly<Record<CudaName, string>>;

// Everything but the kernels that have no device code: a change of theirs changes nothing here.
const sources = () => [
  ...filesBelow(kernels, (path) => {
    const folder = path.slice(kernels.length + 1);
    return (
      /^(common|mpi\/(common|single|gemm|heat|nbody|stream))\/.*\.(cpp|hpp|h)$/.test(folder) ||
      /^cuda\/.*\.(cuh?|cpp|hpp|cmake)$/.test(folder)
    );
  }),
  join(kernels, 'CMakeLists.txt'),
];

/**
 * Paths of the programs with CUDA, compiled for all architectures; `single`: without MPI, for one process, so that they need the
 * driver, libstdc++ and glibc alone. Throws with the compiler's words.
 */
export async function buildCuda(single: boolean, log: (line: string) => void = () => {}): Promise<CudaPrograms> {
  mustHavePackages();
  const folder = await cmakeBuild(
    {
      prefix: single ? 'cuda-single' : 'cuda-mpi',
      targets: cudaNames,
      options: ['-DWITH_CUDA=ON', `-DWITH_MPI=${single ? 'SINGLE' : 'ON'}`],
      sources: [...sources(), join(here, 'compiler.ts')],
      cuda: async () => cudaCompiler(log),
      about: 'building the kernels with CUDA, for all architectures (about two minutes, once)',
    },
    log,
  );
  return programsIn(folder);
}

/** The same programs, and wrong twins of some, with their device code on the CPU in place of a GPU: for tests of the rest. */
export async function buildPretended(): Promise<CudaPrograms & { twins: Readonly<Record<'attn' | 'heat', string>> }> {
  mustHavePackages();
  const folder = await cmakeBuild(
    {
      prefix: 'cuda-pretended',
      targets: [...cudaNames, 'attn-wrong', 'heat-wrong'],
      options: ['-DCX_PRETEND_GPU=ON', '-DWITH_MPI=ON', '-DCX_TWINS=ON'],
      sources: sources(),
      about: 'building the kernels with device code for the CPU',
    },
    () => {},
  );
  return { ...programsIn(folder), twins: { attn: join(folder, 'attn-wrong'), heat: join(folder, 'heat-wrong') } };
}

function programsIn(folder: string): CudaPrograms {
  return Object.fromEntries(cudaNames.map((name) => [name, join(folder, name)])) as CudaPrograms;
}

/** The program that runs the device code on CPU threads, under ThreadSanitizer. Throws with the compiler's words. */
export async function buildShim(): Promise<string> {
  const files = filesBelow(here, (path) => /\.(cuh|hpp)$|shim_check\.cpp$/.test(path));
  const { stdout: compiler } = await run('c++', ['--version']);
  const folder = await makeOnce(`cuda-shim-${hashOf(here, files, [compiler])}`, async (target) => {
    const flags = ['-std=c++17', '-O1', '-g', '-fsanitize=thread', '-Wall', '-Wextra', '-Wshadow', '-Werror'];
    await run('c++', [...flags, `-I${kernels}`, join(here, 'shim_check.cpp'), '-o', join(target, 'shim_check')]);
  });
  return join(folder, 'shim_check');
}
