/** One CMake build of some of the kernels, into the cache, once per state of what goes into it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashOf, makeOnce } from './cache.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

export interface CmakeBuild {
  /** How its folder in the cache is called, before the hash. */
  readonly prefix: string;
  readonly targets: readonly string[];
  /** `-DNAME=VALUE` */
  readonly options: readonly string[];
  /** All files that decide what comes out. */
  readonly sources: readonly string[];
  /** The path of nvcc, where it is needed; asked for only when something has to be built. */
  readonly cuda?: () => Promise<string>;
  /** What is being done, for the log. */
  readonly about: string;
}

/** The folder with the programs. Throws an Error with the compiler's words when the build fails. */
export async function cmakeBuild(build: CmakeBuild, log: (line: string) => void): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(here, '../package.json'), 'utf8')) as { version: string };
  // The binaries carry the C library's and MPI's versions of this machine: another compiler means another build.
  const compiler = (await run('c++', ['--version'])).stdout;
  const words = [version, compiler, process.arch, ...build.options, ...build.targets];
  const cached = await makeOnce(`${build.prefix}-${hashOf(here, build.sources, words)}`, async (target) => {
    const nvcc = await build.cuda?.();
    log(build.about);
    const folder = join(target, 'build');
    const options = [...build.options, `-DCX_VERSION=${version}`, `-DCX_WANTED=${build.targets.join(';')}`];
    if (nvcc !== undefined) options.push(`-DCMAKE_CUDA_COMPILER=${nvcc}`);
    await cmake('-S', here, '-B', folder, ...options);
    await cmake('--build', folder, '--parallel', String(availableParallelism()), '--target', 'wanted');
  });
  return join(cached, 'build');
}

async function cmake(...args: string[]): Promise<void> {
  try {
    await run('cmake', args, { maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`cmake ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
