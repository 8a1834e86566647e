/** Pushes built images to a registry with Debian's skopeo, which reads its credentials where docker and podman keep them. */
import { basename } from 'node:path';
import { install } from '../test/cluster/packages.ts';
import { run, which } from '../test/cluster/sh.ts';
import type { BuiltImage } from './api.ts';

/**
 * Copies each image to `registry`/name:version, where `registry` may have a path (`ghcr.io/somebody/coxswain`).
 * Returns the new references. Throws with skopeo's words when the registry refuses.
 */
export async function pushImages(
  images: readonly BuiltImage[],
  registry: string,
  log: (line: string) => void,
): Promise<string[]> {
  if (!(await which('skopeo'))) await install(['skopeo'], log);
  const base = registry.replace(/\/+$/, '');
  // A registry on this machine's loopback speaks plain HTTP; anywhere else that would be a leak.
  const plain = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/.test(base);
  const pushed: string[] = [];
  for (const image of images) {
    const target = `${base}/${basename(image.ref)}`;
    // --insecure-policy is about signatures of the source, which is the file just built.
    await run('skopeo', [
      '--insecure-policy',
      'copy',
      '--quiet',
      `--dest-tls-verify=${!plain}`,
      `oci-archive:${image.tar}`,
      `docker://${target}`,
    ]);
    log(`pushed ${target}`);
    pushed.push(target);
  }
  return pushed;
}
