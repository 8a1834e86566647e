/** Builds the project's container images, without a base image and without a container engine, into the cache. */
import { readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow, hashOf, makeOnce, prune } from '../kernels/cache.ts';
import { packImage } from '../test/cluster/oci.ts';
import { install } from '../test/cluster/packages.ts';
import { which } from '../test/cluster/sh.ts';
import { root, version } from './recipe.ts';
import { type AnyName, names, recipes } from './recipes.ts';

export { type AnyName, extras, type Name, names } from './recipes.ts';

export interface BuiltImage {
  name: AnyName;
  /** As pods name it: `localhost/coxswain/heat:0.1.0`. */
  ref: string;
  /** An OCI layout as a tar, for `ctr images import` and `skopeo copy oci-archive:`. */
  tar: string;
  /** Size of the tar. */
  bytes: number;
  /** Of everything that the image is made from: another hash, another image. */
  hash: string;
  /** The manifest's, `sha256:…`. */
  digest: string;
}

export interface BuildOptions {
  /** Default: all but the extras. */
  names?: readonly AnyName[];
  log?: (line: string) => void;
}

/** Returns the images in the order asked for. What is in the cache already takes milliseconds. */
export async function buildImages({ names: wanted = names, log = () => {} }: BuildOptions = {}): Promise<BuiltImage[]> {
  const built: BuiltImage[] = [];
  for (const name of wanted) built.push(await buildImage(name, log)); // one after another: they share downloads and cores
  return built;
}

async function buildImage(name: AnyName, log: (line: string) => void): Promise<BuiltImage> {
  const recipe = recipes[name];
  const ref = `localhost/coxswain/${name}:${version}`;
  const code = [...filesBelow(import.meta.dirname, (path) => path.endsWith('.ts')), join(root, 'test/cluster/oci.ts')];
  const hash = hashOf(root, [...recipe.sources(), ...code], [ref, JSON.stringify(recipe.config), ...recipe.inputs()]);
  const folder = await makeOnce(`image-${name}-${hash}`, async (target) => {
    const started = performance.now();
    if (!(await which('objdump'))) await install(['binutils'], log);
    await mkdir(join(target, 'layer'));
    const layers = await recipe.build(join(target, 'layer'), log);
    const digest = await packImage({ name: ref, layers, config: recipe.config }, join(target, 'image.tar'));
    await writeFile(join(target, 'digest'), digest);
    await rm(join(target, 'layer'), { recursive: true });
    log(`image ${name} built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  });
  await prune(`image-${name}-`, 4); // a few: other checkouts share the cache
  const tar = join(folder, 'image.tar');
  return { name, ref, tar, bytes: statSync(tar).size, hash, digest: readFileSync(join(folder, 'digest'), 'utf8') };
}
