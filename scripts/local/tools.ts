/** Compilers, MPI, the browser and the database that the tests build and run with: Debian's, installed where they are missing. */
import { install } from '../../test/cluster/packages.ts';
import { which } from '../../test/cluster/sh.ts';
import { ensurePostgres } from './postgres.ts';

/** Command and the package that brings it. */
const NEEDED = {
  'c++': 'g++',
  gcc: 'gcc',
  make: 'make',
  cmake: 'cmake',
  'musl-gcc': 'musl-tools',
  mpicc: 'libopenmpi-dev',
  mpirun: 'openmpi-bin',
  ip: 'iproute2',
  openssl: 'openssl',
  git: 'git',
  chromium: 'chromium',
} as const;

/** Without root nothing can be installed: the tests that need what is missing say so themselves. */
export async function ensureTools(log: (line: string) => void): Promise<void> {
  const found = await Promise.all(Object.keys(NEEDED).map(async (command) => await which(command)));
  const missing = Object.values(NEEDED).filter((_, i) => found[i] === undefined);
  if (process.getuid?.() !== 0) return;
  if (missing.length > 0) await install(missing, log);
  await ensurePostgres(log);
}
