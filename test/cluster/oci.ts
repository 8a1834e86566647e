import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { run } from './sh.ts';

/** The part of an OCI image configuration that a caller may set, with the specification's names. */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface Image {
  /** Full name with tag, as pods write it: `localhost/heat:dev`. */
  readonly name: string;
  /** From the lowest up: each a folder, whose files will belong to root, or a tar file, taken as it is. */
  readonly layers: readonly string[];
  readonly config?: ImageConfig;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

// Order, times and owners are fixed: the same content gives the same bytes, and so the same digest.
const STABLE_TAR = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
const TYPE = 'application/vnd.oci.image';

/**
 * Packs an image as a tar of an OCI layout, which `ctr images import` takes, and returns the manifest's digest.
 * The same layers and configuration always give the same file.
 */
export async function packImage(image: Image, tarFile: string): Promise<string> {
  await mkdir(dirname(tarFile), { recursive: true });
  // Beside the result, so that the final rename stays on one file system.
  const layout = await mkdtemp(`${tarFile}.`);
  try {
    await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
    const layers: Descriptor[] = [];
    const diffIds: string[] = [];
    for (const layer of image.layers) {
      const { descriptor, diffId } = await addLayer(layout, layer);
      layers.push(descriptor);
      diffIds.push(diffId);
    }
    const config = await addJson(layout, `${TYPE}.config.v1+json`, {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: image.config ?? {},
      rootfs: { type: 'layers', diff_ids: diffIds },
    });
    const manifest = await addJson(layout, `${TYPE}.manifest.v1+json`, {
      schemaVersion: 2,
      mediaType: `${TYPE}.manifest.v1+json`,
      config,
      layers,
    });
    // containerd takes the name from this annotation.
    const annotations = { 'io.containerd.image.name': image.name };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await run('tar', [...STABLE_TAR, '-cf', `${layout}/image.tar`, '-C', layout, 'oci-layout', 'index.json', 'blobs']);
    await rename(`${layout}/image.tar`, tarFile);
    return manifest.digest;
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

/** Name and manifest digest of the image in a tar that `packImage` wrote. */
export async function readImage(tarFile: string): Promise<{ readonly name: string; readonly digest: string }> {
  const index = JSON.parse(await run('tar', ['-xOf', tarFile, 'index.json'])) as { manifests: Descriptor[] };
  const [manifest] = index.manifests;
  const name = manifest?.annotations?.['io.containerd.image.name'];
  if (manifest === undefined || name === undefined) throw new Error(`${tarFile} holds no named image`);
  return { name, digest: manifest.digest };
}

async function addLayer(layout: string, layer: string): Promise<{ descriptor: Descriptor; diffId: string }> {
  const temporary = join(layout, 'layer');
  const [plain, zipped] = [new Digest(), new Digest()];
  const source = (await stat(layer)).isDirectory()
    ? tarOf(layer)
    : { stream: createReadStream(layer), done: undefined };
  // Level 1: images live for minutes on one disk, so time counts and size does not.
  const written = pipeline(source.stream, plain, createGzip({ level: 1 }), zipped, createWriteStream(temporary));
  await Promise.all([written, source.done]);
  const descriptor = { mediaType: `${TYPE}.layer.v1.tar+gzip`, digest: zipped.digest(), size: zipped.size };
  await rename(temporary, blob(layout, descriptor.digest));
  return { descriptor, diffId: plain.digest() };
}

function tarOf(folder: string): { stream: Readable; done: Promise<void> } {
  const child = spawn('tar', [...STABLE_TAR, '-cf', '-', '-C', folder, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar of ${folder} ended with ${code}`))));
  });
  return { stream: child.stdout, done };
}

async function addJson(layout: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  await writeFile(blob(layout, digest), text);
  return { mediaType, digest, size: (await readFile(blob(layout, digest))).length };
}

function blob(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

/** Lets bytes through, and counts and hashes them. */
class Digest extends Transform {
  readonly #hash = createHash('sha256');
  size = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.size += chunk.length;
    done(null, chunk);
  }

  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
