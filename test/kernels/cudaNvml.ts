/** A library in the place of NVIDIA's management library, and a program that measures joules by it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesBelow, hashOf, makeOnce } from '../../kernels/cache.ts';

const run = promisify(execFile);
const here = join(import.meta.dirname, 'nvml');
const kernels = join(import.meta.dirname, '../../kernels');

/** `folder` has the library, for LD_LIBRARY_PATH; `check` is the program. Throws with the compiler's words. */
export async function buildNvml(): Promise<{ folder: string; check: string }> {
  const { stdout: compiler } = await run('c++', ['--version']);
  const headers = filesBelow(join(kernels, 'common'));
  const name = `test-nvml-${hashOf(kernels, [...filesBelow(here), ...headers], [compiler])}`;
  const folder = await makeOnce(name, async (target) => {
    const flags = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Wshadow', '-Werror'];
    const library = join(target, 'libnvidia-ml.so.1');
    await Promise.all([
      run('c++', [...flags, '-shared', '-fPIC', join(here, 'fake.cpp'), '-o', library]),
      run('c++', [...flags, `-I${kernels}`, join(here, 'check.cpp'), '-o', join(target, 'check')]),
    ]);
  });
  return { folder, check: join(folder, 'check') };
}
