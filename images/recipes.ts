/** What is in each image. A recipe says what it is made from, so that nothing is rebuilt without need. */
import { readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesBelow, hashOf, makeOnce, prune } from '../kernels/cache.ts';
import { buildNativeBackend, nativeBackendName } from '../scripts/local/nativeBackend.ts';
import { install } from '../test/cluster/packages.ts';
import { run, which } from '../test/cluster/sh.ts';
import { librariesFor } from './closure.ts';
import { assemble, debianFiles, debianName, type Log } from './debian.ts';
import { allKernels, cudaKernels, heatKernel, surrogateKernel } from './kernelRecipes.ts';
import { copyProductionModules } from './modules.ts';
import { type Recipe, root, User } from './recipe.ts';

/** Built unless others are asked for. */
export const names = ['operator', 'launch', 'heat', 'surrogate', 'kernels'] as const;
export type Name = (typeof names)[number];

/**
 * Built only when asked for: operator-native is ten times as large as the others together, kernels-cuda takes NVIDIA's compiler and
 * minutes, and only clusters with GPUs run it.
 */
export const extras = ['operator-native', 'kernels-cuda'] as const;
export type AnyName = Name | (typeof extras)[number];

function moduleVersion(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version;
}

const operatorFolders = ['operator', 'crds', 'predictors'];
const operator: Recipe = {
  sources: () => [
    ...operatorFolders.flatMap((folder) => filesBelow(join(root, folder))),
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
  ],
  inputs: () => [debianName, moduleVersion('node')],
  config: {
    User,
    WorkingDir: '/app',
    Env: ['PATH=/usr/bin', 'NODE_ENV=production'],
    // The sources run as they are: Node strips the types. Without __proto__ no crafted object can reach a prototype.
    Entrypoint: ['/usr/bin/node', '--disable-proto=delete', 'operator/main.ts'],
  },
  build: async (folder, log) => {
    for (const name of operatorFolders) await cp(join(root, name), join(folder, 'app', name), { recursive: true });
    await cp(join(root, 'package.json'), join(folder, 'app/package.json'));
    return [await operatorBase(log), folder];
  },
};

const operatorNative: Recipe = {
  ...operator,
  inputs: () => [...operator.inputs(), nativeBackendName()],
  config: {
    ...operator.config,
    // Whoever takes this image wants the backend that makes it so large.
    Env: [...(operator.config.Env ?? []), 'COXSWAIN_PREDICTOR_BACKEND=native', 'COXSWAIN_PREDICTOR_NATIVE=/app/native'],
  },
  build: async (folder, log) => {
    await copyNativeBackend(folder, log);
    return await operator.build(folder, log);
  },
};

/** The backend with the libraries it needs, below `folder`/app/native. */
async function copyNativeBackend(folder: string, log: Log): Promise<void> {
  const built = await buildNativeBackend(log);
  const debian = await debianFiles(log);
  const binaries = filesBelow(built, (path) => /\.(node|so\.\d+)$/.test(path));
  for (const path of await librariesFor(debian, binaries)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(await realpath(join(debian, path)), join(folder, path));
  }
  await cp(built, join(folder, 'app/native'), { recursive: true });
}

/** Node and the modules: they change seldom, the operator's sources often. */
async function operatorBase(log: Log): Promise<string> {
  await prune('operator-base-', 3);
  const code = filesBelow(import.meta.dirname, (path) => path.endsWith('.ts'));
  const inputs = [join(root, 'package-lock.json'), ...code];
  return await makeOnce(`operator-base-${hashOf(root, inputs, operator.inputs())}`, async (folder) => {
    const node = join(root, 'node_modules/node/bin/node');
    await assemble(folder, await debianFiles(log), { programs: { 'usr/bin/node': node } });
    await run('strip', ['--strip-unneeded', join(folder, 'usr/bin/node')]);
    await copyProductionModules(root, join(folder, 'app'));
  });
}

const launch: Recipe = {
  sources: () => filesBelow(join(root, 'launch'), (path) => /\.[ch]$|Makefile$/.test(path)),
  inputs: () => [],
  config: { User, Entrypoint: ['/cx-launch'] },
  build: async (folder, log) => {
    // musl: glibc's resolver does not work in a static binary.
    if (!(await which('make')) || !(await which('musl-gcc'))) await install(['make', 'musl-tools'], log);
    await run('make', ['-C', join(root, 'launch'), `OUT=${folder}`]);
    return [folder];
  },
};

export const recipes: Readonly<Record<AnyName, Recipe>> = {
  operator,
  'operator-native': operatorNative,
  launch,
  heat: heatKernel,
  surrogate: surrogateKernel,
  kernels: allKernels,
  'kernels-cuda': cudaKernels,
};
