/** Builds the reference workloads with CMake into the cache, once per state of their sources and compiler. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { filesBelow, hashOf, makeOnce } from './cache.ts';

const run = promisify(execFile);
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

/** The sources of the kernels: where they are, and the files that decide what comes out. */
export function kernelSources(): { folder: string; files: string[] } {
  return { folder: here, files: filesBelow(here, (path) => /\.(cpp|hpp)$|CMakeLists\.txt$/.test(path)) };
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
  return Object.fromEntries(kernelNames.map((name) => [name, join(folder, `build/${name}${suffix}`)])) as Kernels;
}

async function build(prefix: string, targets: readonly string[], log: (line: string) => void): Promise<string> {
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`the kernels need the Debian packages ${missing.join(' ')}`);
  const { version } = JSON.parse(readFileSync(join(here, '../package.json'), 'utf8')) as { version: string };
  // The binaries carry the C library's and MPI's versions of this machine: another compiler means another build.
  const compiler = (await run('c++', ['--version'])).stdout;
  const name = `${prefix}-${hashOf(here, kernelSources().files, [version, compiler, process.arch])}`;
  return await makeOnce(name, async (target) => {
    log('building the kernels (about 30 s, once)');
    const folder = join(target, 'build');
    await cmake('-S', here, '-B', folder, '-DWITH_MPI=ON', '-DCX_TWINS=ON', `-DCX_VERSION=${version}`);
    await cmake('--build', folder, '--parallel', String(availableParallelism()), '--target', ...targets);
  });
}

async function cmake(...args: string[]): Promise<void> {
  try {
    await run('cmake', args, { maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`cmake ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
