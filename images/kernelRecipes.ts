/** What is in the images of the reference workloads. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KernelName, kernelNames, kernelSources } from '../kernels/build.ts';
import { filesBelow } from '../kernels/cache.ts';
import { cudaNames, cudaSources } from '../kernels/cuda/build.ts';
import { compilerName, cudaLicence } from '../kernels/cuda/compiler.ts';
import { compileCudaKernels, compileKernels } from './compile.ts';
import { assemble, debianFiles, debianName, type Selection } from './debian.ts';
import { type Recipe, User, version } from './recipe.ts';

const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const plugins = `usr/lib/${multiarch}/openmpi/lib/openmpi3`;
const pmixPlugins = `usr/lib/${multiarch}/pmix2/lib/pmix`;
// Plugins for fabrics that need drivers and libraries of their own; Debian's configuration switches most of them off.
const fabrics = /_(ofi|psm|psm2|ucx|openib|uct|portals4|usnic|cuda|flux|slurm|lsf|tm|gridengine|jsm)\.so$/;

// Debian's file ends without a newline, hence the first one.
const mpiSettings = `
# There is no ssh here, and without any remote shell Open MPI starts nothing, not even one process.
plm_rsh_agent = /bin/sh
# Pods forbid reading another process's memory (seccomp); shared memory takes two copies instead of one.
btl_vader_single_copy_mechanism = none
# Ranks that wait let others run: members share machines, and spinning uses up a CPU limit.
mpi_yield_when_idle = 1
`;

function openMpi(debian: string): Selection {
  const libraries = [plugins, pmixPlugins].flatMap((folder) =>
    filesBelow(
      join(debian, folder),
      (path) => path.endsWith('.so') && !fabrics.test(path) && !path.includes('libompi_dbg'),
    ),
  );
  const relative = libraries.map((path) => path.slice(debian.length + 1));
  // sh: Open MPI starts its daemon through it.
  const programs = ['usr/bin/orted', 'usr/bin/orterun', 'bin/dash'];
  const texts = filesBelow(join(debian, 'usr/share/openmpi'), (path) => /help-.*\.txt$/.test(path));
  return {
    files: [...programs, ...relative, 'etc/openmpi', ...texts.map((path) => path.slice(debian.length + 1))],
    elf: [...programs, ...relative],
    append: { 'etc/openmpi/openmpi-mca-params.conf': mpiSettings },
    links: { 'usr/bin/mpirun': 'orterun', 'usr/bin/mpiexec': 'orterun', 'bin/sh': 'dash' },
  };
}

const Env = ['PATH=/usr/bin:/bin', 'HOME=/tmp'];

/** Paths in the image of programs that were built. */
const installed = (built: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`usr/bin/${name}`, built[name] ?? '']));

function kernelRecipe(name: KernelName, extra: (debian: string) => Selection): Recipe {
  return {
    sources: () => kernelSources().files,
    inputs: () => [debianName, process.arch],
    config: { User, Env, WorkingDir: '/tmp', Entrypoint: [`/usr/bin/${name}`] },
    build: async (folder, log) => {
      const debian = await debianFiles(log);
      const programs = installed(await compileKernels(version, log), [name]);
      await assemble(folder, debian, { ...extra(debian), programs });
      return [folder];
    },
  };
}

export const heatKernel: Recipe = kernelRecipe('heat', openMpi);
export const surrogateKernel: Recipe = kernelRecipe('surrogate', () => ({}));

/** All reference workloads in one image; jobs name the program that they want. */
export const allKernels: Recipe = {
  ...heatKernel,
  config: { User, Env, WorkingDir: '/tmp' },
  build: async (folder, log) => {
    const debian = await debianFiles(log);
    const programs = installed(await compileKernels(version, log), kernelNames);
    await assemble(folder, debian, { ...openMpi(debian), programs });
    return [folder];
  },
};

/**
 * The same, and attn, with `--backend cuda`. The driver's libraries are no part of it: the container runtime of a GPU node mounts
 * them, where the loader looks for them by these three ways.
 */
export const cudaKernels: Recipe = {
  sources: () => [...kernelSources().files, ...cudaSources()],
  inputs: () => [debianName, process.arch, compilerName],
  config: {
    User,
    WorkingDir: '/tmp',
    Env: [
      ...Env,
      // Not `all`, as vendors' images have it: a job that asked for no GPU would see those of others. Device plugins set it
      // to the GPUs that they gave.
      'NVIDIA_VISIBLE_DEVICES=void',
      // The driver's CUDA, and the management library that counts joules.
      'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
      // Where device plugins without a container runtime of their own mount the driver, as Google's does.
      'LD_LIBRARY_PATH=/usr/local/nvidia/lib64',
    ],
  },
  build: async (folder, log) => {
    const debian = await debianFiles(log);
    const cpu = installed(await compileKernels(version, log), kernelNames);
    const cuda = installed(await compileCudaKernels(version, log), cudaNames);
    const mpi = openMpi(debian);
    await assemble(folder, debian, {
      ...mpi,
      // NVIDIA's container tools mount libraries into Debian's folder for them if this file is there, else where Debian's loader
      // does not look; and they add folders to the loader's list.
      files: [...(mpi.files ?? []), 'etc/debian_version', 'etc/ld.so.conf.d'],
      append: { ...mpi.append, 'etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n' },
      programs: { ...cpu, ...cuda },
    });
    // The programs hold NVIDIA's runtime, linked statically.
    const licence = join(folder, 'usr/share/doc/cuda-cudart');
    await mkdir(licence, { recursive: true });
    await copyFile(await cudaLicence(log), join(licence, 'copyright'));
    return [folder];
  },
};
