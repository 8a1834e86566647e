/** What is in each image. A recipe says what it is made from, so that nothing is rebuilt without need. */
import { readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type KernelName, kernelNames, kernelSources } from '../kernels/build.ts';
import { filesBelow, hashOf, makeOnce, prune } from '../kernels/cache.ts';
import { buildNativeBackend, nativeBackendName } from '../scripts/local/nativeBackend.ts';
import type { ImageConfig } from '../test/cluster/oci.ts';
import { install } from '../test/cluster/packages.ts';
import { run, which } from '../test/cluster/sh.ts';
import { librariesFor } from './closure.ts';
import { compileKernels } from './compile.ts';
import { assemble, debianFiles, debianName, type Log, type Selection } from './debian.ts';
import { copyProductionModules } from './modules.ts';

export const root = join(import.meta.dirname, '..');

/** The project's, which is the images' too. */
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

export interface Recipe {
  /** Files of the checkout that decide the content. */
  sources: () => string[];
  /** What else decides it. */
  inputs: () => string[];
  config: ImageConfig;
  /** Makes the layers below `folder` or in the cache, and returns their paths from the lowest up. */
  build: (folder: string, log: Log) => Promise<string[]>;
}

/** Built unless others are asked for. */
export const names = ['operator', 'launch', 'heat', 'surrogate', 'kernels'] as const;
export type Name = (typeof names)[number];

/** Built only when asked for: it is ten times as large as the others together. */
export const extras = ['operator-native'] as const;
export type AnyName = Name | (typeof extras)[number];

// PodSecurity "restricted" wants a user that is not root; pods may ask for any other one too.
const User = '65532:65532';

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

const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const plugins = `usr/lib/${multiarch}/openmpi/lib/openmpi3`;
const pmixPlugins = `usr/lib/${multiarch}/pmix2/lib/pmix`;
// Plugins for fabrics that need drivers and libraries of their own; Debian's configuration switches most of them off.
const fabrics = /_(ofi|psm|psm2|ucx|openib|uct|portals4|usnic|cuda|flux|slurm|lsf|tm|gridengine|jsm)\.so$/;

// Debian's file ends without a newline, hence the first one.
const mpiSettings = `
# There is no ssh here, and without any remote shell Open MPI starts nothing, not even one process.
plm_rsh_agent = /bin/sh
# Pods forbid reading another process's memory (seccomp); shared memory takes two copies instead of one.
btl_vader_single_copy_mechanism = none
# Ranks that wait let others run: members share machines, and spinning uses up a CPU limit.
mpi_yield_when_idle = 1
`;

function openMpi(debian: string): Selection {
  const libraries = [plugins, pmixPlugins].flatMap((folder) =>
    filesBelow(
      join(debian, folder),
      (path) => path.endsWith('.so') && !fabrics.test(path) && !path.includes('libompi_dbg'),
    ),
  );
  const relative = libraries.map((path) => path.slice(debian.length + 1));
  // sh: Open MPI starts its daemon through it.
  const programs = ['usr/bin/orted', 'usr/bin/orterun', 'bin/dash'];
  const texts = filesBelow(join(debian, 'usr/share/openmpi'), (path) => /help-.*\.txt$/.test(path));
  return {
    files: [...programs, ...relative, 'etc/openmpi', ...texts.map((path) => path.slice(debian.length + 1))],
    elf: [...programs, ...relative],
    append: { 'etc/openmpi/openmpi-mca-params.conf': mpiSettings },
    links: { 'usr/bin/mpirun': 'orterun', 'usr/bin/mpiexec': 'orterun', 'bin/sh': 'dash' },
  };
}

function kernelRecipe(name: KernelName, extra: (debian: string) => Selection): Recipe {
  return {
    sources: () => kernelSources().files,
    inputs: () => [debianName, process.arch],
    config: { User, Env: ['PATH=/usr/bin:/bin', 'HOME=/tmp'], WorkingDir: '/tmp', Entrypoint: [`/usr/bin/${name}`] },
    build: async (folder, log) => {
      const debian = await debianFiles(log);
      const program = (await compileKernels(version, log))[name];
      await assemble(folder, debian, { ...extra(debian), programs: { [`usr/bin/${name}`]: program } });
      return [folder];
    },
  };
}

/** All reference workloads in one image; jobs name the program that they want. */
const allKernels: Recipe = {
  ...kernelRecipe('heat', openMpi),
  config: { User, Env: ['PATH=/usr/bin:/bin', 'HOME=/tmp'], WorkingDir: '/tmp' },
  build: async (folder, log) => {
    const debian = await debianFiles(log);
    const built = await compileKernels(version, log);
    const programs = Object.fromEntries(kernelNames.map((name) => [`usr/bin/${name}`, built[name]]));
    await assemble(folder, debian, { ...openMpi(debian), programs });
    return [folder];
  },
};

export const recipes: Readonly<Record<AnyName, Recipe>> = {
  operator,
  'operator-native': operatorNative,
  launch,
  heat: kernelRecipe('heat', openMpi),
  surrogate: kernelRecipe('surrogate', () => ({})),
  kernels: allKernels,
};
