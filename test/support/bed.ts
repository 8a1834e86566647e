import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Name } from '../../images/api.ts';
import { type Cluster, type Features, up } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import { packProbe } from '../integration/probeImage.ts';
import { Audit } from './audit.ts';
import { applySurroundings, INSTALLED, installChart, RELEASE, SYSTEM, standAside } from './chart.ts';
import type { Hooks, ProxiedRequest } from './faultPlan.ts';
import { FaultProxy } from './faultProxy.ts';
import { History, type WatchedThing } from './history.ts';
import { chargedTo, violations, type Windows } from './invariants.ts';
import { KubeApi } from './kubeApi.ts';
import { type LogLine, OperatorProcess } from './operator.ts';
import { type KindName, pathOf } from './paths.ts';
import { MARK, provide, sweep, unique } from './prepare.ts';

/** Whether real nodes are there to be had. */
export const root = process.getuid?.() === 0;
if (!root && process.env['CI'] === 'true') throw new Error('real nodes need root');

export type BedOptions = {
  /** Images that the jobs of real nodes need, beside the launcher. */
  images?: readonly Name[];
  /** Also the image with a shell that `submitScript` runs. */
  scripts?: boolean;
  /**
   * The operator is not a process but what the chart installs, on a cluster that has no other; it is left installed, without
   * replicas.
   */
  installed?: boolean;
  /** Feature gates of Kubernetes; default none. */
  features?: Features;
};

/** More would only cost. */
const FAKE_NODES = 4;

/**
 * The cluster, while one test file has it to itself: the operator as a process, a watcher of the truth, and namespaces,
 * queues and pools that go with it.
 */
export class Bed {
  readonly cluster: Cluster;
  readonly api: KubeApi;
  readonly history: History;
  readonly audit: Audit;
  readonly folder: string;
  readonly launcherImage: string;
  /** Names of the pools of real and of fake nodes, and of a queue over both. */
  readonly pools = { real: unique('real'), fake: unique('fake') };
  readonly queue = unique('queue');
  readonly #operators: OperatorProcess[] = [];
  readonly #proxies: FaultProxy[] = [];
  readonly #made: { kind: KindName; name: string }[] = [];
  readonly #namespaces: string[] = [];
  #installed = false;

  private constructor(parts: Pick<Bed, 'cluster' | 'api' | 'history' | 'audit' | 'folder' | 'launcherImage'>) {
    this.cluster = parts.cluster;
    this.api = parts.api;
    this.history = parts.history;
    this.audit = parts.audit;
    this.folder = parts.folder;
    this.launcherImage = parts.launcherImage;
  }

  static async make(options: BedOptions = {}): Promise<Bed> {
    const { images = [], scripts = false, installed = false, features = {} } = options;
    const cluster = await up({ fake: FAKE_NODES, features, ...(installed && { name: INSTALLED }) });
    const { launcherImage, content } = await provide(cluster, ['launch', ...images]);
    const folder = await mkdtemp(join(tmpdir(), 'cx-bed-'));
    if (scripts && cluster.nodes.length > 0) await cluster.importImage(await packProbe(folder));
    if (!installed) {
      await standAside(cluster);
      await applySurroundings(cluster);
    }
    const api = await KubeApi.from(cluster.kubeconfig);
    // Before an operator runs: with none to ask, what a killed run left has its finalizers taken off by hand.
    await sweep(api);
    if (installed) await installChart(cluster, content, api);
    const bed = new Bed({
      cluster,
      api,
      launcherImage,
      history: await History.follow(api),
      audit: await Audit.from(cluster.auditLog, `system:serviceaccount:${SYSTEM}:${RELEASE}`),
      folder,
    });
    bed.#installed = installed;
    await bed.#createPools();
    return bed;
  }

  async #createPools(): Promise<void> {
    const fake = { key: 'kwok.x-k8s.io/node', operator: 'Exists', effect: 'NoSchedule' };
    const tainted = { selector: { matchLabels: { type: 'kwok' } }, tolerations: [fake] };
    await this.create('ComputePool', this.pools.fake, tainted);
    const real = [{ key: 'type', operator: 'NotIn', values: ['kwok'] }];
    await this.create('ComputePool', this.pools.real, { selector: { matchExpressions: real } });
    await this.create('Queue', this.queue, {});
  }

  /** Creates a Queue or ComputePool that goes with the bed. */
  async create(kind: 'Queue' | 'ComputePool', name: string, spec: object): Promise<void> {
    await this.api.create(pathOf(kind), {
      apiVersion: 'coxswain.dev/v1alpha1',
      kind,
      metadata: { name, labels: { [MARK]: 'true' } },
      spec,
    });
    this.#made.push({ kind, name });
  }

  /** A queue of its own for one test. */
  async ownQueue(spec: object): Promise<string> {
    const name = unique('queue');
    await this.create('Queue', name, spec);
    return name;
  }

  /** A namespace that enforces PodSecurity `restricted`, for one test. */
  async namespace(): Promise<string> {
    const name = unique('test');
    const labels = { [MARK]: 'true', 'pod-security.kubernetes.io/enforce': 'restricted' };
    await this.api.create(pathOf('Namespace'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    this.#namespaces.push(name);
    // Without it no pod may be created there.
    const account = pathOf('ServiceAccount', name, 'default');
    await until('the service account of a namespace', 60_000, async () => await this.api.find(account), 20);
    return name;
  }

  /** Kubeconfig of the operator's service account, with a token of its own, by which the audit log tells who wrote. */
  async credentials(proxy?: FaultProxy): Promise<string> {
    const path = join(this.folder, `${unique('operator')}.kubeconfig`);
    await this.cluster.serviceAccountKubeconfig(path, SYSTEM, RELEASE);
    if (proxy) {
      type Config = { clusters: { cluster: Record<string, string> }[] };
      const config = JSON.parse(await readFile(path, 'utf8')) as Config;
      const authority = Buffer.from(proxy.ca).toString('base64');
      for (const { cluster } of config.clusters) {
        Object.assign(cluster, { server: proxy.url, 'certificate-authority-data': authority });
      }
      await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    }
    return path;
  }

  /** A fault proxy before the API server; `counts` says which requests it numbers. */
  async proxy(counts: (request: ProxiedRequest) => boolean, hooks: Hooks = {}): Promise<FaultProxy> {
    const { server: upstream, ca } = this.api;
    const proxy = await FaultProxy.start({ upstream, tls: { ca }, counts, hooks });
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Starts an operator; does not wait until it leads. */
  async start(
    options: { holder?: string; kubeconfig?: string; env?: Record<string, string> } = {},
  ): Promise<OperatorProcess> {
    const operator = OperatorProcess.start({
      holder: options.holder ?? 'host',
      kubeconfig: options.kubeconfig ?? (await this.credentials()),
      namespace: SYSTEM,
      launcherImage: this.launcherImage,
      ...(options.env && { env: options.env }),
    });
    this.#operators.push(operator);
    return operator;
  }

  /** Starts an operator and waits until it leads. */
  async lead(options: Parameters<Bed['start']>[0] = {}): Promise<OperatorProcess> {
    const operator = await this.start(options);
    await operator.leading();
    return operator;
  }

  /** The log of all operators, for the message of a test that fails. */
  tails(): string {
    return this.#operators.map((operator) => `${operator.holder}:\n${operator.tail()}`).join('\n');
  }

  /**
   * What broke I1 to I6 since the bed was made, and what the operators themselves call an error.
   * @param allowed what follows from what was done to the operators: longer windows, lines of their logs.
   */
  async violations(allowed: { windows?: Windows; lines?: (line: LogLine) => boolean } = {}): Promise<string[]> {
    const complaints = this.#operators.flatMap((operator) => operator.complaints(allowed.lines));
    const seen = violations(this.history.entries, performance.now(), allowed.windows);
    return [...seen, ...(await this.audit.violations()), ...complaints];
  }

  /** I3, the half that holds in the end: each queue shows what its jobs are charged, an idle one nothing. */
  async settledQuota(): Promise<void> {
    const shown = (queue: WatchedThing): boolean => {
      const { name } = queue.metadata;
      const jobs = [...this.history.now('SimulationJob'), ...this.history.now('TrainingJob')];
      const pools = queue.status?.usage ?? [];
      const active = jobs.filter(({ status }) => status?.assignment?.queue === name && holds(status.state)).length;
      return (
        (queue.status?.active ?? -1) === active &&
        (active > 0 || pools.every(({ used }) => Object.values(used).every((amount) => Number(amount) === 0))) &&
        pools.every(({ pool }) => active === 0 || Object.keys(chargedTo(jobs, name, pool)).length > 0)
      );
    };
    await this.history.until(
      'the queues to show what is charged',
      () => this.history.now('Queue').every(shown),
      20_000,
    );
  }

  /** I7, the half that needs patience: resolves once the operator has written nothing for `seconds`, events apart. */
  async quiet(seconds: number, limit = 60): Promise<void> {
    let seen = -1;
    let since = performance.now();
    const end = since + limit * 1000;
    while (performance.now() - since < seconds * 1000) {
      const writes = await this.audit.writes();
      if (writes.length !== seen) {
        if (performance.now() > end) {
          throw new Error(
            `the operator still writes after ${limit} s: ${writes.slice(-10).join('\n')}\n${this.tails()}`,
          );
        }
        [seen, since] = [writes.length, performance.now()];
      }
      await delay(200);
    }
  }

  /** Deletes all jobs of the bed's namespaces and waits until they, and their pods, are gone. An operator must lead. */
  async deleteJobs(): Promise<void> {
    const kinds = ['SimulationJob', 'TrainingJob'] as const;
    for (const namespace of this.#namespaces) {
      for (const kind of kinds) await this.api.remove(pathOf(kind, namespace));
    }
    const left = (): boolean =>
      this.#namespaces.some((namespace) =>
        [...kinds, 'Pod' as const].some((kind) => this.history.now(kind, namespace).length > 0),
      );
    await this.history.until('all jobs and pods to be gone', () => !left());
  }

  /** Gives the cluster back as it was found. */
  async close(): Promise<void> {
    try {
      if (this.#installed || this.#operators.some(({ running }) => running)) await this.deleteJobs();
      await this.history.close();
    } finally {
      for (const operator of this.#operators) await operator.signal('SIGKILL');
      for (const proxy of this.#proxies) await proxy.close();
      for (const { kind, name } of this.#made) await this.api.remove(pathOf(kind, undefined, name));
      await sweep(this.api);
      this.api.close();
      await rm(this.folder, { recursive: true });
      if (this.#installed) await standAside(this.cluster);
    }
  }
}

const holds = (state: string | undefined): boolean =>
  ['Admitted', 'Starting', 'Running', 'Stopping'].some((each) => each === state);
