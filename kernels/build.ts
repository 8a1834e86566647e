/** Builds the reference workloads with CMake into the cache, once per state of their sources and compiler. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { filesBelow } from './cache.ts';
import { cmakeBuild } from './cmake.ts';

const here = import.meta.dirname;

/** The programs. */
export const kernelNames = ['cg', 'comm', 'gemm', 'heat', 'nbody', 'stream', 'surrogate'] as const;
export type KernelName = (typeof kernelNames)[number];

/** Paths of the executables. */
export type Kernels = Readonly<Record<KernelName, string>>;

/** What the build needs on the PATH, and the Debian package that has it. */
const tools = { 'c++': 'g++', cmake: 'cmake', make: 'make', mpicxx: 'libopenmpi-dev', mpirun: 'openmpi-bin' };

/** The Debian packages that are missing here; empty when the kernels can be built and run. */
export function missingPackages(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return Object.entries(tools)
    .filter(([tool]) => !folders.some((folder) => existsSync(join(folder, tool))))
    .map(([, debianPackage]) => debianPackage);
}

/** The sources of the kernels but for CUDA: where they are, and the files that decide what comes out. */
export function kernelSources(): { folder: string; files: string[] } {
  const cuda = join(here, 'cuda/');
  const files = filesBelow(here, (path) => /\.[ch]pp$|CMakeLists\.txt$/.test(path) && !path.startsWith(cuda));
  return { folder: here, files };
}

/** Throws an Error with the compiler's words when the build fails, or naming the Debian packages that are missing. */
export async function buildKernels(log: (line: string) => void = () => {}): Promise<Kernels> {
  return programsIn(await build('kernels', kernelNames, log), '');
}

/**
 * The wrong twins, for tests: the same programs with an option --break that names the mistake to make, which their own
 * verification must see. Throws as `buildKernels` does.
 */
export async function buildTwins(): Promise<Kernels> {
  const targets = kernelNames.map((name) => `${name}-wrong`);
  return programsIn(await build('twins', targets, () => {}), '-wrong');
}

function programsIn(folder: string, suffix: string): Kernels {
  return Object.fromEntries(kernelNames.map((name) => [name, join(folder, `${name}${suffix}`)])) as Kernels;
}

async function build(prefix: string, targets: readonly string[], log: (line: string) => void): Promise<string> {
  mustHavePackages();
  return await cmakeBuild(
    {
      prefix,
      targets,
      options: ['-DWITH_MPI=ON', '-DCX_TWINS=ON'],
      sources: kernelSources().files,
      about: 'building the kernels (about 30 s, once)',
    },
    log,
  );
}

/** Throws an Error naming the Debian packages that are missing. */
export function mustHavePackages(): void {
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`the kernels need the Debian packages ${missing.join(' ')}`);
}
