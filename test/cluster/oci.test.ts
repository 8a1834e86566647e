import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packImage, readImage } from './oci.ts';
import { run } from './sh.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-oci-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function layer(name: string, text: string, time: number): Promise<string> {
  const root = join(folder, name);
  await mkdir(join(root, 'bin'), { recursive: true });
  await writeFile(join(root, 'bin', 'program'), text, { mode: 0o755 });
  await symlink('program', join(root, 'bin', 'alias'));
  await utimes(join(root, 'bin', 'program'), time, time);
  return root;
}

it('packs the same content to the same bytes, whenever it was written', async () => {
  const files = [join(folder, 'a.tar'), join(folder, 'b.tar')];
  const image = { name: 'localhost/x:1', config: { Cmd: ['/bin/program'] } };
  const first = await packImage({ ...image, layers: [await layer('one', 'text', 1e9)] }, files[0] ?? '');
  const second = await packImage({ ...image, layers: [await layer('two', 'text', 2e9 - 1e9 / 2)] }, files[1] ?? '');
  expect(second).toBe(first);
  const [a, b] = await Promise.all(files.map(async (file) => await readFile(file)));
  expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  expect(await packImage({ ...image, layers: [await layer('three', 'other', 1e9)] }, files[1] ?? '')).not.toBe(first);
});

it('writes a layout whose digests and sizes are true', async () => {
  const tarFile = join(folder, 'image.tar');
  const plain = join(folder, 'plain.tar');
  await run('tar', ['-cf', plain, '-C', await layer('one', 'text', 1e9), '.']);
  const digest = await packImage({ name: 'localhost/x:1', layers: [join(folder, 'one'), plain] }, tarFile);
  expect(await readImage(tarFile)).toEqual({ name: 'localhost/x:1', digest });

  await run('tar', ['-xf', tarFile, '-C', folder]);
  const blob = async (name: string): Promise<Buffer> => {
    const bytes = await readFile(join(folder, 'blobs', name.replace(':', '/')));
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(name);
    return bytes;
  };
  const json = async (name: string): Promise<Record<string, never>> => JSON.parse((await blob(name)).toString());
  const manifest: { config?: { digest: string }; layers?: { digest: string; size: number }[] } = await json(digest);
  expect(manifest.layers).toHaveLength(2);
  const diffs: string[] = [];
  for (const { digest: name, size } of manifest.layers ?? []) {
    const zipped = await blob(name);
    expect(zipped.length).toBe(size);
    diffs.push(`sha256:${createHash('sha256').update(gunzipSync(zipped)).digest('hex')}`);
  }
  const config: { rootfs?: { diff_ids: string[] } } = await json(manifest.config?.digest ?? '');
  expect(config.rootfs?.diff_ids).toEqual(diffs);
  expect(diffs[1]).toBe(
    `sha256:${createHash('sha256')
      .update(await readFile(plain))
      .digest('hex')}`,
  );
});

it('fails when a layer is missing, and leaves nothing behind', async () => {
  const tarFile = join(folder, 'out', 'image.tar');
  await expect(packImage({ name: 'x', layers: [join(folder, 'absent')] }, tarFile)).rejects.toThrow(/ENOENT/);
  expect(await run('ls', ['-A', join(folder, 'out')])).toBe('');
});
