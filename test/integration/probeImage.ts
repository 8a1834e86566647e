import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { packImage } from '../cluster/api.ts';
import { install } from '../cluster/packages.ts';
import { exists, run, which } from '../cluster/sh.ts';

export const PROBE_IMAGE = 'localhost/probe:test';

/** Packs a small image of static programs (Debian's busybox-static) into `folder` and returns its tar. */
export async function packProbe(folder: string): Promise<string> {
  if (!(await exists('/usr/share/doc/busybox-static'))) await install(['busybox-static'], () => undefined);
  const busybox = await which('busybox');
  if (busybox === undefined) throw new Error('busybox-static brought no busybox');
  const bin = join(folder, 'layer', 'bin');
  await mkdir(bin, { recursive: true });
  await run('cp', [busybox, join(bin, 'busybox')]);
  for (const name of ['sh', 'sleep', 'nslookup', 'wget', 'httpd', 'cat', 'echo'])
    await symlink('busybox', join(bin, name));
  const tarFile = join(folder, 'probe.tar');
  await packImage(
    { name: PROBE_IMAGE, layers: [join(folder, 'layer')], config: { Env: ['PATH=/bin'], User: '10001' } },
    tarFile,
  );
  return tarFile;
}
