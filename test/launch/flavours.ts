// The MPIs that the launcher's tests run for real: those of two Debian releases, each in its own user land.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Suite, userLand, userLandName } from '../../images/userLand.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'test/launch/mpi/crew.c');

/** Both MPIs with a compiler, and what the tests themselves call inside pods. */
const packages = ['openmpi-bin', 'libopenmpi-dev', 'mpich', 'libmpich-dev', 'gcc', 'libc6-dev', 'procps'];

export interface Flavour {
  readonly name: string;
  readonly suite: Suite;
  readonly launch: 'openmpi' | 'mpich';
  readonly mpicc: string;
  readonly mpirun: string;
  /** Name of mpirun's process once it runs. */
  readonly process: string;
  /** Program that mpirun has started on every other member. */
  readonly daemon: string;
}

const openmpi = { launch: 'openmpi', mpicc: 'mpicc.openmpi', mpirun: 'mpirun.openmpi' } as const;
const mpich = {
  launch: 'mpich',
  mpicc: 'mpicc.mpich',
  mpirun: 'mpiexec.hydra',
  process: 'mpiexec.hydra',
  daemon: 'hydra_pmi_proxy',
} as const;

export const openMpi4: Flavour = {
  ...openmpi,
  name: 'Open MPI 4.1',
  suite: 'bookworm',
  process: 'mpirun',
  daemon: 'orted',
};
export const openMpi5: Flavour = {
  ...openmpi,
  name: 'Open MPI 5.0',
  suite: 'trixie',
  process: 'prterun',
  daemon: 'prted',
};
export const mpich40: Flavour = { ...mpich, name: 'MPICH 4.0', suite: 'bookworm' };
export const mpich42: Flavour = { ...mpich, name: 'MPICH 4.2', suite: 'trixie' };

/** Where a flavour's programs run: a root folder, and the test program compiled there. */
export interface Land {
  readonly root: string;
  readonly crew: string;
}

/** The user land of the flavour, and the test's MPI program compiled in it; the first time takes minutes. */
export async function prepareLand(flavour: Flavour): Promise<Land> {
  const land = await userLand(flavour.suite, packages, console.warn);
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const folder = join(root, 'out/test/launch/crew');
  const crew = join(folder, `${userLandName(flavour.suite, packages)}-${flavour.launch}-${hash}`);
  if (!existsSync(crew)) {
    mkdirSync(folder, { recursive: true });
    const work = await mkdtemp(join(land, 'tmp/crew-'));
    await cp(source, join(work, 'crew.c'));
    const inside = `/tmp/${basename(work)}`;
    await run('chroot', [land, flavour.mpicc, '-O1', '-o', `${inside}/crew`, `${inside}/crew.c`], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp' },
    });
    // Beside the result first: the cache may be on another file system, and renaming is what makes it whole.
    const draft = await mkdtemp(join(folder, '.draft-'));
    await cp(join(work, 'crew'), join(draft, 'crew'));
    await rename(join(draft, 'crew'), crew);
    await rm(draft, { recursive: true });
    await rm(work, { recursive: true });
  }
  return { root: land, crew };
}
