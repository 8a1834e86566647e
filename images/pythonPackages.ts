/** Python packages from the package index, unpacked into the cache for one Python of Debian's. */
import { hashOf, makeOnce, prune } from '../kernels/cache.ts';
import { run } from '../test/cluster/sh.ts';
import type { Log } from './debian.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const PLATFORMS = ['manylinux_2_28', 'manylinux_2_27', 'manylinux2014'].map((name) => `--platform=${name}_${machine}`);

/**
 * A folder for PYTHONPATH with exactly these wheels (`jax==0.10.2`), without what they depend on: the list is the lock.
 * `python` is the version that will run them, `3.11`; this machine's own may be another. Throws with pip's words.
 */
export async function pythonPackages(python: string, packages: readonly string[], log: Log): Promise<string> {
  const folder = await makeOnce(`wheels-${hashOf('/', [], [python, machine, ...packages])}`, async (target) => {
    log(`downloading ${packages.join(' ')} (once)`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--no-compile'];
    await run('python3', [...pip, `--python-version=${python}`, ...PLATFORMS, `--target=${target}`, ...packages]);
  });
  await prune('wheels-', 2);
  return folder;
}
