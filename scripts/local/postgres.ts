/** A PostgreSQL for the tests: Debian's programs. The tests start a server of their own and stop it. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install } from '../../test/cluster/packages.ts';

/** Debian keeps each major version's programs in a folder of its own, not on the PATH. */
const VERSIONS = '/usr/lib/postgresql';

/** The folder of `initdb` and `postgres`, of the newest version that is installed; undefined: there is none. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** Installs PostgreSQL where it is missing, without the server that the package would make and start by itself. */
export async function ensurePostgres(log: (line: string) => void): Promise<void> {
  if (postgresFolder() !== undefined) return;
  const settings = '/etc/postgresql-common/createcluster.d';
  await mkdir(settings, { recursive: true });
  await writeFile(join(settings, 'coxswain.conf'), 'create_main_cluster = off\n');
  await install(['postgresql'], log);
}
