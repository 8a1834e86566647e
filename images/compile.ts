/**
 * Compiles the kernels for the images. Their libraries come from one Debian release, and a program needs libraries at
 * least as new as those it was linked with: so on any other release the compiler comes from that release too.
 */
import { readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKernels, type Kernels, kernelNames, kernelSources, missingPackages } from '../kernels/build.ts';
import { hashOf, makeOnce } from '../kernels/cache.ts';
import { buildCuda, type CudaPrograms, cudaNames, cudaSources } from '../kernels/cuda/build.ts';
import { compilerName, cudaToolkit, hasCompiler } from '../kernels/cuda/compiler.ts';
import { install } from '../test/cluster/packages.ts';
import { run } from '../test/cluster/sh.ts';
import { type Log, suite, unpack } from './debian.ts';

/** Whether this machine runs the release that images are made of. */
const sameRelease = (): boolean => readFileSync('/etc/os-release', 'utf8').includes(`VERSION_CODENAME=${suite}\n`);

async function installCompiler(log: Log): Promise<void> {
  const missing = missingPackages();
  if (missing.length > 0) await install(missing, log);
}

/** Paths of executables that run with `suite`'s libraries. */
export async function compileKernels(version: string, log: Log): Promise<Kernels> {
  if (!sameRelease()) return await compileInside(version, log);
  await installCompiler(log);
  return await buildKernels(log);
}

/** The same of those with CUDA. Throws on machines for which NVIDIA's compiler is not offered. */
export async function compileCudaKernels(version: string, log: Log): Promise<CudaPrograms> {
  if (!hasCompiler)
    throw new Error(`kernels-cuda: the CUDA compiler is for x86-64 alone, this machine is ${process.arch}`);
  if (!sameRelease()) return await compileCudaInside(version, log);
  await installCompiler(log);
  return (await buildCuda(log)).mpi;
}

interface Inside<Name extends string> {
  /** Before the hash, in the cache. */
  readonly prefix: string;
  readonly sources: readonly string[];
  /** What else decides what comes out. */
  readonly words: readonly string[];
  readonly programs: readonly Name[];
  /** CMake's, `-DNAME=VALUE`. */
  readonly options: readonly string[];
  /** A folder to have in there as `cuda`. */
  readonly toolkit?: () => Promise<string>;
}

/** The same in a folder that holds the release's compiler, entered by chroot (which takes root). */
export async function compileInside(version: string, log: Log): Promise<Kernels> {
  const build = { prefix: 'kernels', sources: kernelSources().files, words: [], programs: kernelNames, options: [] };
  return await inside(build, version, log);
}

/** Those with CUDA, likewise: nvcc finds the release's compiler beside it. */
export async function compileCudaInside(version: string, log: Log): Promise<CudaPrograms> {
  const build = {
    prefix: 'cuda',
    sources: cudaSources(),
    words: [compilerName],
    programs: cudaNames,
    options: ['-DWITH_CUDA=ON', '-DCMAKE_CUDA_HOST_COMPILER=/usr/bin/g++'],
    toolkit: async () => await cudaToolkit(log),
  };
  return await inside(build, version, log);
}

async function inside<Name extends string>(
  build: Inside<Name>,
  version: string,
  log: Log,
): Promise<Readonly<Record<Name, string>>> {
  const { folder: kernels } = kernelSources();
  const { programs } = build;
  const name = `${build.prefix}-${suite}-${hashOf(kernels, build.sources, [version, process.arch, ...build.words])}`;
  const built = await makeOnce(name, async (target) => {
    const compiler = await unpack(['cmake', 'dash', 'g++', 'libopenmpi-dev', 'make', 'openmpi-bin'], log);
    // A folder of its own in there: another build may be going on beside this one.
    const work = `tmp/${name}-${process.pid}`;
    const folder = join(compiler, work);
    try {
      await cp(kernels, join(folder, 'kernels'), { recursive: true });
      const toolkit = await build.toolkit?.();
      if (toolkit) await cp(toolkit, join(folder, 'cuda'), { recursive: true, verbatimSymlinks: true });
      log(`compiling ${programs.join(', ')} with Debian ${suite}'s compiler (minutes, once)`);
      await compileIn(compiler, `/${work}`, [
        `-DCX_VERSION=${version}`,
        `-DCX_WANTED=${programs.join(';')}`,
        ...build.options,
        ...(toolkit ? [`-DCMAKE_CUDA_COMPILER=/${work}/cuda/bin/nvcc`] : []),
      ]);
      for (const program of programs) await copyFile(join(folder, 'build', program), join(target, program));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return Object.fromEntries(programs.map((program) => [program, join(built, program)])) as Record<Name, string>;
}

/** Runs CMake in the folder `root`, where `work` has the sources. */
async function compileIn(root: string, work: string, options: readonly string[]): Promise<void> {
  // Unpacked packages have not run their scripts, which would have made the names sh, c++ and mpicxx.
  const tools = ['-DCMAKE_CXX_COMPILER=/usr/bin/g++', '-DMPI_CXX_COMPILER=/usr/bin/mpicxx.openmpi'];
  await mkdir(join(root, 'dev'), { recursive: true });
  await writeFile(join(root, 'dev/null'), '');
  await run('ln', ['-sfn', 'dash', join(root, 'bin/sh')]);
  const cmake = async (...args: string[]) =>
    await run('chroot', [root, '/usr/bin/cmake', ...args], { env: { PATH: '/usr/sbin:/usr/bin:/bin', HOME: '/tmp' } });
  await cmake('-S', `${work}/kernels`, '-B', `${work}/build`, '-DWITH_MPI=ON', ...tools, ...options);
  await cmake('--build', `${work}/build`, '--parallel', '--target', 'wanted');
}
