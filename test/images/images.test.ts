import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { buildImages } from '../../images/api.ts';
import { compileCudaInside, compileInside } from '../../images/compile.ts';
import { pushImages } from '../../images/push.ts';
import { root, version } from '../../images/recipe.ts';
import { buildKernels, kernelNames } from '../../kernels/build.ts';
import { buildCuda, cudaNames } from '../../kernels/cuda/build.ts';
import { hasCompiler } from '../../kernels/cuda/compiler.ts';
import { readImage } from '../cluster/oci.ts';
import { attempt, run, which } from '../cluster/sh.ts';
import { deviceCode } from '../kernels/cudaFatbin.ts';
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

/** The configuration of an image, and the paths in all its layers; they are unpacked into `into` if that is given. */
async function contents(tar: string, into?: string): Promise<{ user: string; env: string[]; paths: string[] }> {
  const read = async <T>(member: string) => JSON.parse(await run('tar', ['-xOf', tar, member])) as T;
  const blob = (descriptor: { digest: string }) => `blobs/${descriptor.digest.replace(':', '/')}`;
  const index = await read<{ manifests: [{ digest: string }] }>('index.json');
  const manifest = await read<{ config: { digest: string }; layers: { digest: string }[] }>(blob(index.manifests[0]));
  const config = await read<{ config: { User: string; Env?: string[] } }>(blob(manifest.config));
  const paths: string[] = [];
  for (const layer of manifest.layers) {
    const listed = await run('sh', ['-c', 'tar -xOf "$0" "$1" | tar -tz', tar, blob(layer)]);
    paths.push(...listed.split('\n'));
    if (into !== undefined) await run('sh', ['-c', 'tar -xOf "$0" "$1" | tar -xz -C "$2"', tar, blob(layer), into]);
  }
  return { user: config.config.User, env: config.config.Env ?? [], paths };
}

/** Where container runtimes mount the driver: NVIDIA's in images that say they are Debian, and Google's. */
const MOUNTED = ['/usr/lib/x86_64-linux-gnu', '/usr/local/nvidia/lib64'];

describe.skipIf((!compiler || process.getuid?.() !== 0) && !process.env.CI)('the images of the workloads', () => {
  test('are small', async () => {
    const built = await buildImages({ names: ['heat', 'surrogate', 'kernels'] });
    expect(built).toHaveLength(3);
    for (const { name, bytes } of built) expect({ name, small: bytes < 150e6 }).toEqual({ name, small: true });
  }, 900_000);
});

// It takes the compilers, and root to enter the image as a container would.
const canEnter = compiler && process.getuid?.() === 0 && hasCompiler;
describe.skipIf(!canEnter && !process.env.CI)('the image with CUDA', () => {
  test('has all programs, nothing of the driver, and finds that where container runtimes mount it', async () => {
    const [image] = await buildImages({ names: ['kernels-cuda'] });
    expect(image?.bytes).toBeLessThan(150e6);
    const inside = join(folder, 'kernels-cuda');
    mkdirSync(inside);
    const { user, env, paths } = await contents(image?.tar ?? '', inside);
    expect(user).toBe('65532:65532');
    for (const name of [...kernelNames, ...cudaNames]) expect(paths).toContain(`./usr/bin/${name}`);
    expect(paths.filter((path) => /libcuda|libnvidia|nvcc|libcudart/.test(path))).toEqual([]);
    // NVIDIA's tools put the driver into this release's folder for libraries where this file is.
    expect(paths).toContain('./etc/debian_version');
    // No GPU but those that were asked for.
    expect(env).toEqual(
      expect.arrayContaining(['NVIDIA_VISIBLE_DEVICES=void', 'NVIDIA_DRIVER_CAPABILITIES=compute,utility']),
    );
    // As a container runtime's mount would make it: the loader passes by folders that are not there.
    mkdirSync(join(inside, 'usr/local/nvidia/lib64'), { recursive: true });
    for (const name of cudaNames) {
      const words = [
        '-i',
        ...env,
        'LD_DEBUG=libs',
        '/usr/sbin/chroot',
        '--userspec=65532:65532',
        inside,
        `/usr/bin/${name}`,
      ];
      const { code, stderr } = await attempt('env', [...words, '--backend', 'cuda']);
      expect({ name, code }).toEqual({ name, code: 10 });
      expect(stderr).toContain(`${name}: --backend cuda: no GPU that can be used: no NVIDIA driver is installed`);
      const tried = stderr.match(/(?<=trying file=).*\/libcuda\.so\.1/g);
      expect(tried).toEqual(expect.arrayContaining(MOUNTED.map((folder) => `${folder}/libcuda.so.1`)));
    }
  }, 900_000);
});

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

  test('hold programs with CUDA that are the same, too, when compiled inside the release', async () => {
    const [inside, { mpi: outside }] = [await compileCudaInside(version, () => {}), await buildCuda()];
    for (const name of cudaNames) {
      const [here, there] = [inside, outside].map((programs) => deviceCode(readFileSync(programs[name])));
      expect(here).toEqual(there);
    }
    const { code, stderr } = await runKernel(inside.heat, ['--backend', 'cuda']);
    expect(code).toBe(10);
    expect(stderr).toContain('no GPU that can be used');
  }, 900_000);

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
