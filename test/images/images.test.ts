import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { buildImages } from '../../images/api.ts';
import { compileInside } from '../../images/compile.ts';
import { pushImages } from '../../images/push.ts';
import { root, version } from '../../images/recipe.ts';
import { buildKernels } from '../../kernels/build.ts';
import { readImage } from '../cluster/oci.ts';
import { attempt, run, which } from '../cluster/sh.ts';
import { freePort, resultOf, run as runKernel } from '../kernels/run.ts';

const full = process.env.COXSWAIN_FULL === '1';
const compiler = (await which('gcc')) && (await which('make')) && (await which('objdump'));
const folder = mkdtempSync(join(tmpdir(), 'coxswain-images-'));
const cache = process.env.XDG_CACHE_HOME;
afterEach(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(!compiler && !process.env.CI)(
  'the same sources give the same bytes, and are built once',
  async () => {
    const lines: string[] = [];
    const build = async (name: string) => {
      process.env.XDG_CACHE_HOME = join(folder, name);
      return (await buildImages({ names: ['launch'], log: (line) => lines.push(line) }))[0];
    };
    const [first, again, elsewhere] = [await build('a'), await build('a'), await build('b')];
    expect(lines).toHaveLength(2);
    expect(again).toEqual(first);
    expect(elsewhere?.digest).toBe(first?.digest);
    expect(await readImage(first?.tar ?? '')).toEqual({ name: first?.ref, digest: first?.digest });
    expect(first?.ref).toMatch(/^localhost\/coxswain\/launch:\d+\.\d+\.\d+$/);
  },
  120_000,
);

test('refuses a name that no image has', async () => {
  const { code, stderr } = await attempt(process.execPath, [join(root, 'images/main.ts'), '--only', 'submarine']);
  expect(code).toBe(1);
  expect(stderr).toContain('no image is called submarine; there are operator, launch, heat, surrogate');
});

/** The configuration of an image, and the paths in all its layers. */
async function contents(tar: string): Promise<{ user: string; paths: string[] }> {
  const read = async <T>(member: string) => JSON.parse(await run('tar', ['-xOf', tar, member])) as T;
  const blob = (descriptor: { digest: string }) => `blobs/${descriptor.digest.replace(':', '/')}`;
  const index = await read<{ manifests: [{ digest: string }] }>('index.json');
  const manifest = await read<{ config: { digest: string }; layers: { digest: string }[] }>(blob(index.manifests[0]));
  const config = await read<{ config: { User: string } }>(blob(manifest.config));
  const paths: string[] = [];
  for (const layer of manifest.layers) {
    const listed = await run('sh', ['-c', 'tar -xOf "$0" "$1" | tar -tz', tar, blob(layer)]);
    paths.push(...listed.split('\n'));
  }
  return { user: config.config.User, paths };
}

describe.skipIf(!full)('all images', () => {
  test('run as nobody in particular, without a package manager, and only those with Open MPI have a shell', async () => {
    for (const image of await buildImages()) {
      const { user, paths } = await contents(image.tar);
      expect(user).toBe('65532:65532');
      expect(paths.filter((path) => /\/(npm|apt-get|dpkg|bash)$/.test(path))).toEqual([]);
      expect(paths.includes('./bin/sh')).toBe(['heat', 'kernels'].includes(image.name));
    }
  }, 300_000);

  test('hold kernels that are the same solver when compiled inside the release', async () => {
    const [inside, outside] = [await compileInside(version, () => {}), await buildKernels()];
    const hash = async (heat: string) => resultOf(await runKernel(heat, ['--n', '16', '--steps', '20'])).check.hash;
    expect(await hash(inside.heat)).toBe(await hash(outside.heat));
  }, 300_000);

  test('can be pushed to a registry and come back the same', async () => {
    if (!(await which('docker-registry')))
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'docker-registry']);
    const port = await freePort();
    const config = join(folder, 'registry.yml');
    const storage = join(folder, 'registry');
    writeFileSync(
      config,
      `version: 0.1\nstorage: {filesystem: {rootdirectory: ${storage}}}\nhttp: {addr: 127.0.0.1:${port}}\n`,
    );
    const program = (await which('docker-registry')) ?? '';
    const registry = spawn(program, ['serve', config], { stdio: 'ignore' });
    try {
      const images = await buildImages({ names: ['launch', 'surrogate'] });
      const answers = async () => (await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined))?.ok ?? false;
      for (let tries = 0; !(await answers()) && tries < 100; tries++) await sleep(100);
      const pushed = await pushImages(images, `127.0.0.1:${port}/team/`, () => {});
      expect(pushed).toEqual(images.map(({ ref }) => ref.replace('localhost/coxswain', `127.0.0.1:${port}/team`)));
      for (const [i, reference] of pushed.entries()) {
        const inspected = await run('skopeo', [
          '--insecure-policy',
          'inspect',
          '--tls-verify=false',
          `docker://${reference}`,
        ]);
        expect((JSON.parse(inspected) as { Digest: string }).Digest).toBe(images[i]?.digest);
      }
    } finally {
      registry.kill('SIGKILL');
    }
  }, 300_000);
});
