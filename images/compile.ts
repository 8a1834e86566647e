/**
 * Compiles the kernels for the images. Their libraries come from one Debian release, and a program needs libraries at
 * least as new as those it was linked with: so on any other release the compiler comes from that release too.
 */
import { readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKernels, type Kernels, kernelNames, kernelSources, missingPackages } from '../kernels/build.ts';
import { hashOf, makeOnce } from '../kernels/cache.ts';
import { install } from '../test/cluster/packages.ts';
import { run } from '../test/cluster/sh.ts';
import { type Log, suite, unpack } from './debian.ts';

/** Paths of executables that run with `suite`'s libraries. */
export async function compileKernels(version: string, log: Log): Promise<Kernels> {
  if (!readFileSync('/etc/os-release', 'utf8').includes(`VERSION_CODENAME=${suite}\n`))
    return await compileInside(version, log);
  const missing = missingPackages();
  if (missing.length > 0) await install(missing, log);
  return await buildKernels(log);
}

/** The same in a folder that holds the release's compiler, entered by chroot (which takes root). */
export async function compileInside(version: string, log: Log): Promise<Kernels> {
  const { folder: kernels, files } = kernelSources();
  const name = `kernels-${suite}-${hashOf(kernels, files, [version, process.arch])}`;
  const built = await makeOnce(name, async (target) => {
    const compiler = await unpack(['cmake', 'dash', 'g++', 'libopenmpi-dev', 'make', 'openmpi-bin'], log);
    // A folder of its own in there: another build may be going on beside this one.
    const work = `tmp/${name}-${process.pid}`;
    const inside = join(compiler, work);
    try {
      await cp(kernels, join(inside, 'kernels'), { recursive: true });
      // Unpacked packages have not run their scripts, which would have made the names sh, c++ and mpicxx.
      const tools = ['-DCMAKE_CXX_COMPILER=/usr/bin/g++', '-DMPI_CXX_COMPILER=/usr/bin/mpicxx.openmpi'];
      await mkdir(join(compiler, 'dev'), { recursive: true });
      await writeFile(join(compiler, 'dev/null'), '');
      await run('ln', ['-sfn', 'dash', join(compiler, 'bin/sh')]);
      const cmake = async (...args: string[]) =>
        await run('chroot', [compiler, '/usr/bin/cmake', ...args], {
          env: { PATH: '/usr/sbin:/usr/bin:/bin', HOME: '/tmp' },
        });
      await cmake(
        '-S',
        `/${work}/kernels`,
        '-B',
        `/${work}/build`,
        '-DWITH_MPI=ON',
        `-DCX_VERSION=${version}`,
        ...tools,
      );
      await cmake('--build', `/${work}/build`, '--parallel');
      for (const program of kernelNames) await copyFile(join(inside, 'build', program), join(target, program));
    } finally {
      await rm(inside, { recursive: true, force: true });
    }
  });
  return Object.fromEntries(kernelNames.map((program) => [program, join(built, program)])) as Kernels;
}
