/** A whole Debian user land in a folder: packages installed with their scripts, to be entered by chroot or packed as a layer. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, makeOnce, prune } from '../kernels/cache.ts';
import { lock } from '../test/cluster/lock.ts';
import { install } from '../test/cluster/packages.ts';
import { run, which } from '../test/cluster/sh.ts';
import type { Log } from './debian.ts';

export type Suite = 'bookworm' | 'trixie';

/** Never read by programs; together a fifth of the size. */
const UNREAD = ['doc', 'man', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);

/** The folder is whole or not there at all: dpkg need not wait for the disk after every file. */
const QUICK = '--dpkgopt=force-unsafe-io';

/** Name in the cache of what `userLand` returns; it changes with what would be in it. */
export function userLandName(suite: Suite, packages: readonly string[]): string {
  return `user-land-${hashOf('/', [], [suite, process.arch, ...packages])}`;
}

async function installInto(target: string, suite: Suite, packages: readonly string[], log: Log): Promise<void> {
  if (!(await which('mmdebstrap'))) await install(['mmdebstrap'], log);
  log(`installing Debian ${suite} with ${packages.join(' ')} in a folder (once)`);
  const archive = join(target, 'root.tar');
  const root = join(target, 'root');
  const words = ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, QUICK, ...UNREAD, suite, archive];
  await run('mmdebstrap', words);
  await mkdir(root);
  await run('tar', ['-xf', archive, '--exclude=./dev', '-C', root]);
  await rm(archive);
  for (const name of ['dev', 'cx', 'cx-token']) await mkdir(join(root, name), { recursive: true });
  // What compilers and scripts throw away goes here; a pod mounts a real /dev over it.
  await writeFile(join(root, 'dev/null'), '', { mode: 0o666 });
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  await writeFile(join(root, 'etc/resolv.conf'), '');
}

/**
 * A folder with Debian `suite`, these packages and those they depend on, installed once and kept in the cache. It takes
 * root, as every chroot does. The mount points of a container are there; nothing but a file lies in /dev.
 */
export async function userLand(suite: Suite, packages: readonly string[], log: Log): Promise<string> {
  const name = userLandName(suite, packages);
  // Minutes of work: whoever else wants the same one waits for it.
  const held = await lock(name);
  try {
    const folder = await makeOnce(name, (target) => installInto(target, suite, packages, log));
    await prune('user-land-', 4); // they are large; other checkouts share the cache
    return join(folder, 'root');
  } finally {
    await held.release();
  }
}
