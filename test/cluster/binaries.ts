import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findGo } from './golang.ts';
import { cacheFolder } from './identity.ts';
import { lock } from './lock.ts';
import { exists, run } from './sh.ts';

/** Programs of one upstream project, built from the Go module proxy. */
export interface GoModule {
  /** Folder under build/ with go.mod, go.sum and perhaps a main.go. */
  readonly name: string;
  /** Programs to build: the name of the file, and the package. */
  readonly programs: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** Said before the first build, so that nobody thinks it hangs. */
  readonly takes: string;
}

const KUBERNETES = '1.37.1';

// Without these the API server calls itself v0.0.0-master, which clients that compare versions refuse.
const stamps = [
  `k8s.io/component-base/version.gitVersion=v${KUBERNETES}`,
  'k8s.io/component-base/version.gitMajor=1',
  'k8s.io/component-base/version.gitMinor=37',
  `k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES}`,
].map((stamp) => `-X ${stamp}`);

// Kubernetes, etcd, CoreDNS, kwok and helm compile many of the same packages: one after another they share the build
// cache, side by side they would compile them five times.
const MODULES: readonly GoModule[] = [
  {
    name: 'kubernetes',
    programs: Object.fromEntries(
      ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl', 'kube-proxy'].map(
        (name) => [name, `k8s.io/kubernetes/cmd/${name}`],
      ),
    ),
    flags: ['-tags', 'grpcnotrace', '-ldflags', ['-s -w', ...stamps].join(' ')],
    takes: '7 to 10 minutes',
  },
  { name: 'etcd', programs: { etcd: 'go.etcd.io/etcd/server/v3' }, flags: ['-ldflags', '-s -w'], takes: '30 s' },
  { name: 'coredns', programs: { coredns: '.' }, flags: ['-ldflags', '-s -w'], takes: '1 minute' },
  { name: 'helm', programs: { helm: 'helm.sh/helm/v4/cmd/helm' }, flags: ['-ldflags', '-s -w'], takes: '1.5 minutes' },
  { name: 'kwok', programs: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' }, flags: ['-ldflags', '-s -w'], takes: '2 minutes' },
];

type Program =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kubectl'
  | 'kube-proxy'
  | 'etcd'
  | 'coredns'
  | 'helm'
  | 'kwok';

/** Where each program lies. */
export type Programs = Readonly<Record<Program, string>>;

/**
 * Builds the programs that the cache lacks and returns where all of them are. Each module has a folder of its own in
 * the cache, named by the hash of everything that decides its content, so a change of one rebuilds one.
 */
export async function ensurePrograms(log: (line: string) => void): Promise<Programs> {
  const found: Record<string, string> = {};
  for (const module of MODULES) Object.assign(found, await ensureModule(module, log));
  return found as Record<Program, string>;
}

/** Builds the programs of one module unless the cache has them; their paths by name. */
export async function ensureModule(module: GoModule, log: (line: string) => void): Promise<Record<string, string>> {
  const folder = await outputFolder(module);
  if (!(await exists(folder))) await build(module, folder, log);
  return Object.fromEntries(Object.keys(module.programs).map((name) => [name, join(folder, name)]));
}

async function outputFolder(module: GoModule): Promise<string> {
  const source = join(import.meta.dirname, 'build', module.name);
  const hash = createHash('sha256').update(JSON.stringify([module.programs, module.flags]));
  for (const file of (await readdir(source)).sort())
    hash.update(`\n${file}\n`).update(await readFile(join(source, file)));
  return join(cacheFolder(), `bin-${module.name}-${hash.digest('hex').slice(0, 16)}`);
}

async function build(module: GoModule, folder: string, log: (line: string) => void): Promise<void> {
  const held = await lock(`build${cacheFolder()}`, () => log('waiting for another build on this machine'));
  try {
    if (await exists(folder)) return;
    const go = await findGo(log);
    const began = performance.now();
    const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(0)} s`;
    const names = Object.keys(module.programs);
    log(`building ${module.name} (${names.join(', ')}): about ${module.takes} the first time, then never again`);
    // Under a temporary name, renamed when whole: a build that was interrupted is not mistaken for a finished one.
    const temporary = `${folder}.building`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    for (const [name, packagePath] of Object.entries(module.programs)) {
      const alive = setInterval(() => log(`  still building ${name} (${seconds()})`), 60_000);
      await compile(go, module, packagePath, join(temporary, name)).finally(() => clearInterval(alive));
      log(`  built ${name} (${seconds()})`);
    }
    await rename(temporary, folder);
  } finally {
    await held.release();
  }
}

async function compile(go: string, module: GoModule, packagePath: string, file: string): Promise<void> {
  await run(go, ['build', '-trimpath', '-buildvcs=false', ...module.flags, '-o', file, packagePath], {
    cwd: join(import.meta.dirname, 'build', module.name),
    // go.sum pins every module, so the checksum database need not be reachable.
    env: { ...process.env, GOTOOLCHAIN: 'local', GOSUMDB: 'off', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' },
    timeout: 3_600_000,
  });
}
