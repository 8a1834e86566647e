/**
 * TensorFlow's native backend for Node, built in half a minute into the cache: its install script downloads a library of 2022
 * and fails where it cannot, so the binding is compiled here from the package's unmodified sources and linked with the library
 * of a newer release, which the Python package of the same project carries. All parts are pinned by hash.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { filesBelow, hashOf, makeOnce, prune } from '../../kernels/cache.ts';
import { cacheFolder } from '../../test/cluster/identity.ts';
import { install } from '../../test/cluster/packages.ts';
import { run, which } from '../../test/cluster/sh.ts';

type Log = (line: string) => void;

const PINS = join(import.meta.dirname, '../../predictors/backend/native');
const TFJS = 'node_modules/@tensorflow';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow/c/*', 'tensorflow/core/platform/ctstring*', 'tsl/*'];
const NOTICES = ['tensorflow_cpu-*/LICENSE', 'tensorflow/THIRD_PARTY_NOTICES.txt'];

/** Command and the Debian package that brings it. */
const TOOLS = { 'g++': 'g++', strip: 'binutils', unzip: 'unzip', python3: 'python3-pip' } as const;

/** The wheel exists for these machines. */
export const nativeBackendSupported = process.platform === 'linux' && process.arch === 'x64';

/** Name in the cache; it changes with the pins and with how it is built. */
export function nativeBackendName(): string {
  const files = ['package.json', 'package-lock.json', 'requirements.txt'].map((name) => join(PINS, name));
  return `native-backend-${hashOf(dirname(PINS), files, [process.arch, RECIPE])}`;
}

/** Changed by hand when the steps below change what comes out. */
const RECIPE = '1';

/** The folder for `openBackend({native})`, or undefined where it has not been built yet. */
export function builtNativeBackend(): string | undefined {
  const folder = join(cacheFolder(), nativeBackendName());
  return existsSync(folder) ? folder : undefined;
}

/** Builds what the cache lacks and returns the folder. Throws an Error that says what could not be had. */
export async function buildNativeBackend(log: Log): Promise<string> {
  if (!nativeBackendSupported)
    throw new Error(`the native backend exists for Linux on x86-64 alone; this is ${process.platform} ${process.arch}`);
  const folder = await makeOnce(nativeBackendName(), async (target) => {
    const began = performance.now();
    await ensureTools(log);
    log('building the native backend: a download of 207 MB, once');
    await Promise.all([installModules(target), unpackLibrary(target)]);
    await compile(target);
    await slim(target);
    log(`native backend built in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  });
  await prune('native-backend-', 2);
  return folder;
}

/** The same for the tests, which say themselves what they lack: where it cannot be built, `log` is told why. */
export async function ensureNativeBackend(log: Log): Promise<void> {
  if (!nativeBackendSupported) return;
  await buildNativeBackend(log).catch((error: unknown) => {
    log(`no native backend: ${error instanceof Error ? error.message : String(error)}`);
  });
}

async function ensureTools(log: Log): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of Object.entries(TOOLS)) if (!(await which(command))) missing.push(name);
  if (missing.length > 0) await install(missing, log);
}

async function installModules(target: string): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(PINS, name), join(target, name));
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: target });
}

/** Libraries and headers of the wheel into `target`/library, stripped: 614 MB become 449. */
async function unpackLibrary(target: string): Promise<void> {
  const wheels = join(target, 'wheels');
  const platform = ['--python-version=3.11', '--implementation=cp', '--abi=cp311', '--platform=manylinux_2_17_x86_64'];
  const hashed = ['--require-hashes', `--requirement=${join(PINS, 'requirements.txt')}`];
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-cache-dir', '--only-binary=:all:'];
  await run('python3', [...pip, ...platform, ...hashed, `--dest=${wheels}`]);
  const [wheel] = await readdir(wheels);
  if (wheel === undefined) throw new Error('pip said nothing and downloaded nothing');
  const wanted = [
    ...LIBRARIES.map((name) => `tensorflow/${name}`),
    ...HEADERS.map((path) => `tensorflow/include/${path}`),
    ...NOTICES,
  ];
  const library = join(target, 'library');
  await run('unzip', ['-q', join(wheels, wheel), ...wanted, '-d', library]);
  await rm(wheels, { recursive: true });
  await Promise.all(
    LIBRARIES.map(async (name) => await run('strip', ['--strip-unneeded', join(library, 'tensorflow', name)])),
  );
}

async function compile(target: string): Promise<void> {
  const addon = join(target, TFJS, 'tfjs-node');
  const tensorflow = join(target, 'library/tensorflow');
  const libraries = join(addon, 'deps/lib');
  await mkdir(libraries, { recursive: true });
  for (const name of LIBRARIES) await rename(join(tensorflow, name), join(libraries, name));
  const output = join(addon, 'lib/napi-v8/tfjs_binding.node');
  await mkdir(dirname(output), { recursive: true });
  const includes = [join(target, 'node_modules/node-api-headers/include'), join(tensorflow, 'include')];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addon, 'binding', name));
  const linked = [`-L${libraries}`, ...LIBRARIES.map((name) => `-l:${name}`), '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  // The compiler's library inside, its names kept to itself: the binding then runs with older ones too, as in the image.
  const alone = ['-static-libstdc++', '-static-libgcc', '-Wl,--exclude-libs,ALL'];
  const flags = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', ...includes.map((path) => `-I${path}`)];
  await run('g++', [...flags, ...sources, ...linked, ...alone, '-o', output]);
}

/** Leaves what runs: of the 270 MB of JavaScript most is the same code bundled for browsers. */
async function slim(target: string): Promise<void> {
  for (const notice of filesBelow(join(target, 'library'), (path) => /\/(LICENSE|THIRD_PARTY_NOTICES.txt)$/.test(path)))
    await copyFile(notice, join(target, TFJS, 'tfjs-node/deps', basename(notice)));
  await rm(join(target, 'library'), { recursive: true });
  await run('npm', ['prune', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: target,
  });
  const bundles = /\/tfjs(-(core|layers|converter|data|backend-cpu|backend-webgl))?\/(dist|src)\//;
  const useless = (path: string): boolean =>
    (bundles.test(path) && !path.endsWith('.node.js')) ||
    /\.(map|d\.ts)$/.test(path) ||
    /\/node_modules\/(@types|@webgpu)\//.test(path);
  for (const path of filesBelow(join(target, 'node_modules'), useless)) await rm(path);
}
