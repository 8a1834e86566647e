/** Builds the programs that have `--backend cuda`, and those that test them without a GPU. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kernelSources, mustHavePackages } from '../build.ts';
import { filesBelow, hashOf, makeOnce, prune } from '../cache.ts';
import { cmakeBuild } from '../cmake.ts';
import { cudaCompiler } from './compiler.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const kernels = join(here, '..');

/** The programs that can use a GPU. */
export const cudaNames = ['attn', 'cg', 'gemm', 'heat', 'nbody', 'stream', 'surrogate'] as const;
export type CudaName = (typeof cudaNames)[number];
export type CudaPrograms = Readonly<Record<CudaName, string>>;

/** What decides what comes out: not the kernels that have no device code. */
export const cudaSources = (): string[] => [
  ...filesBelow(kernels, (path) => {
    const folder = path.slice(kernels.length + 1);
    return (
      /^(common|train\/surrogate|mpi\/(common|single|cg|gemm|heat|nbody|stream))\/.*\.(cpp|hpp|h)$/.test(folder) ||
      /^cuda\/.*\.(cuh?|cpp|hpp|cmake)$/.test(folder)
    );
  }),
  join(kernels, 'CMakeLists.txt'),
];

/** Of the sources of all kernels, for CPU and GPU: what measurements say they were made with. */
export const sourcesHash = (): string =>
  hashOf(kernels, [...new Set([...kernelSources().files, ...cudaSources()])].toSorted());

/**
 * Paths of the programs with CUDA, compiled for all architectures: `mpi` with MPI; `single` without it, for one process, so that
 * they need the driver, libstdc++ and glibc alone. One build for both, since device code is the same and takes longest. Throws with
 * the compiler's words.
 */
export async function buildCuda(
  log: (line: string) => void = () => {},
): Promise<Readonly<Record<'mpi' | 'single', CudaPrograms>>> {
  mustHavePackages();
  const folder = await cmakeBuild(
    {
      prefix: 'cuda-programs',
      targets: [...new Set([...cudaNames, ...cudaNames.map(singleName)])],
      options: ['-DWITH_CUDA=ON', '-DWITH_MPI=ON', '-DCX_SINGLE=ON'],
      sources: [...cudaSources(), join(here, 'compiler.ts')],
      cuda: async () => cudaCompiler(log),
      about: 'building the kernels with CUDA, for all architectures (about two minutes, once)',
    },
    log,
  );
  await prune('cuda-programs-', 4); // a few: other checkouts share the cache
  return { mpi: programsIn(folder), single: programsIn(folder, singleName) };
}

/** Talks to its like by itself: the program is the same with MPI and without. */
const needsNoMpi: ReadonlySet<CudaName> = new Set(['surrogate']);

/** The target of a program's variant for one process. */
const singleName = (name: CudaName): string => (needsNoMpi.has(name) ? name : `${name}-single`);

const twinName = (name: CudaName): string => `${name}-wrong`;

/** The same programs and their wrong twins, with their device code on the CPU in place of a GPU: for tests of the rest. */
export async function buildPretended(): Promise<CudaPrograms & { twins: CudaPrograms }> {
  mustHavePackages();
  const folder = await cmakeBuild(
    {
      prefix: 'cuda-pretended',
      targets: [...cudaNames, ...cudaNames.map(twinName)],
      options: ['-DCX_PRETEND_GPU=ON', '-DWITH_MPI=ON', '-DCX_TWINS=ON'],
      sources: cudaSources(),
      about: 'building the kernels with device code for the CPU',
    },
    () => {},
  );
  return { ...programsIn(folder), twins: programsIn(folder, twinName) };
}

function programsIn(folder: string, target: (name: CudaName) => string = (name) => name): CudaPrograms {
  return Object.fromEntries(cudaNames.map((name) => [name, join(folder, target(name))])) as CudaPrograms;
}

/** The program that runs the device code on CPU threads, under ThreadSanitizer. Throws with the compiler's words. */
export async function buildShim(): Promise<string> {
  const files = cudaSources().filter((path) => /\.(cuh|hpp)$|shim_check\.cpp$/.test(path));
  const { stdout: compiler } = await run('c++', ['--version']);
  const folder = await makeOnce(`cuda-shim-${hashOf(kernels, files, [compiler])}`, async (target) => {
    const flags = ['-std=c++17', '-O1', '-g', '-fsanitize=thread', '-Wall', '-Wextra', '-Wshadow', '-Werror'];
    await run('c++', [...flags, `-I${kernels}`, join(here, 'shim_check.cpp'), '-o', join(target, 'shim_check')]);
  });
  return join(folder, 'shim_check');
}
