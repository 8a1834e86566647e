import { join } from 'node:path';
import { offerVolumes, volumeFolder } from './addons.ts';
import { adminRest, apiServerReady, auditLog } from './control-plane.ts';
import type { Addresses } from './network.ts';
import { writeKubeconfig } from './pki.ts';
import { endPolicies, startPolicies } from './policies.ts';
import type { ProcessState } from './processes.ts';
import { importImage, realNodeName } from './real-nodes.ts';
import { attempt, type Output, type RunOptions, run } from './sh.ts';
import type { Site, State } from './state.ts';

/** A running test cluster, as tests, benches and `npm start` see it. */
export class Cluster {
  readonly #site: Site;
  readonly #state: State;

  constructor(site: Site, state: State) {
    this.#site = site;
    this.#state = state;
  }

  /** Folder with all of the cluster's state; removed by `down`. */
  get folder(): string {
    return this.#site.identity.folder;
  }

  /** Path of the administrator's kubeconfig, good on the host and inside the cluster's network alike. */
  get kubeconfig(): string {
    return join(this.folder, 'admin.kubeconfig');
  }

  /** URL of the API server. */
  get server(): string {
    return this.#site.server;
  }

  /** The API server's audit log: one JSON object per line and finished request. */
  get auditLog(): string {
    return auditLog(this.folder);
  }

  /** Names of the real nodes. */
  get nodes(): string[] {
    return Array.from({ length: this.#state.real }, (_, index) => realNodeName(index));
  }

  /** Number of fake nodes. */
  get fake(): number {
    return this.#state.fake;
  }

  /** Addresses of the cluster; undefined without root, when it is on loopback. */
  get net(): Addresses | undefined {
    return this.#site.net;
  }

  /** Path of kubectl; of helm. */
  get programs(): { readonly kubectl: string; readonly helm: string } {
    return this.#site.programs;
  }

  /** Environment in which kubectl and helm find this cluster. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: this.kubeconfig };
  }

  /** Runs kubectl as administrator; what it printed. Rejects if it fails. */
  async kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return await run(this.#site.programs.kubectl, args, { env: this.env, ...options });
  }

  /** Runs Helm as administrator, with its own files in the cluster's folder; what it printed. Rejects if it fails. */
  async helm(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const home = join(this.folder, 'helm');
    const env = { ...this.env, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
    return await run(this.#site.programs.helm, args, { env, ...options });
  }

  /** Runs a command inside the cluster's network, whatever its exit status. On loopback that is the host's own. */
  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
    if (this.net === undefined) return await attempt(command, args, options);
    return await attempt('nsenter', [`--net=${this.netns}`, '--', command, ...args], options);
  }

  /** File of the network namespace, for nsenter. */
  get netns(): string {
    return `/run/netns/${this.#site.identity.netns}`;
  }

  /** Gives every real node the image in a tar (see oci.ts). Quick if they have it already. */
  async importImage(tarFile: string): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => await importImage(this.#site, node, tarFile)));
  }

  /** Runs containerd's `ctr` on one real node, among Kubernetes' images and containers. */
  async ctr(node: string, args: readonly string[]): Promise<string> {
    const address = join(this.#site.identity.sockets, `${node}.sock`);
    return await run('ctr', ['--address', address, '--namespace', 'k8s.io', ...args]);
  }

  /** Folder on the host behind the static volume `shared-<index>` (0 to 9). */
  volumeFolder(index: number): string {
    return volumeFolder(this.folder, index);
  }

  /** Empties the static volumes whose claim is gone and offers them again. */
  async recycleVolumes(): Promise<void> {
    const rest = await adminRest(this.#site);
    await offerVolumes(this.#site, rest).finally(() => rest.close());
  }

  /**
   * Names of the cluster's processes: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy,
   * coredns, kwok, holder (of the mount namespace), containerd-<node> and kubelet-<node> of each real node,
   * and kube-network-policies while policies are enforced.
   */
  async processes(): Promise<string[]> {
    return await this.#site.processes.names();
  }

  /** Pid of a process; undefined if it is dead. */
  async pid(name: string): Promise<number | undefined> {
    return await this.#site.processes.pid(name);
  }

  async processState(name: string): Promise<ProcessState> {
    return await this.#site.processes.state(name);
  }

  /** Path of a process's log. */
  log(name: string): string {
    return this.#site.processes.log(name);
  }

  /** Sends a signal to a process. Rejects if it is dead. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    if (!(await this.#site.processes.signal(name, signal))) throw new Error(`${name} is not running`);
  }

  /** Kills a process, if it lives, and starts it again as it was; after the API server also waits until it is ready. */
  async restart(name: string): Promise<void> {
    await this.#site.processes.restart(name);
    if (name === 'kube-apiserver' || name === 'etcd') await apiServerReady(this.#site);
  }

  /**
   * Starts a second process of the program that `name` is, with arguments made of those of the first, and waits until it is
   * ready; the answer ends it.
   */
  async startSecond(
    name: string,
    change: (flags: readonly string[]) => readonly string[],
    ready: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<{ readonly name: string; readonly end: () => Promise<void> }> {
    const { processes } = this.#site;
    const second = `${name}-second`;
    const [program = '', ...flags] = (await processes.spec(name)).argv;
    await processes.ensure({ name: second, argv: [program, ...change(flags)] });
    await processes.waitFor(second, `${second} to be ready`, 90_000, ready);
    return { name: second, end: async () => await processes.remove(second) };
  }

  /** Has the NetworkPolicies enforced (see policies.ts); the answer ends it, as does the next `up`. */
  async enforcePolicies(log: (line: string) => void = () => undefined): Promise<() => Promise<void>> {
    await startPolicies(this.#site, log);
    return async () => await endPolicies(this.#site);
  }

  /**
   * Writes a kubeconfig that speaks as a ServiceAccount, by a token the API server issues.
   * @param path where to write it.
   * @param lifetime of the token in seconds; the API server grants no less than 600.
   */
  async serviceAccountKubeconfig(path: string, namespace: string, name: string, lifetime = 86_400): Promise<string> {
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const wanted = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: lifetime },
    };
    const rest = await adminRest(this.#site);
    const made = await rest.post<{ status: { token: string } }>(account, wanted).finally(() => rest.close());
    return await writeKubeconfig(path, this.server, this.#site.pki.ca.cert, { token: made.status.token });
  }
}
