import type { Bed } from './bed.ts';
import type { Thing } from './kubeApi.ts';
import { type KindName, pathOf } from './paths.ts';

/** What the operator watches. */
const CACHED: readonly KindName[] = [
  'Pod',
  'Node',
  'SimulationJob',
  'TrainingJob',
  'Queue',
  'ComputePool',
  'Predictor',
];

const GATEWAY = '127.0.0.1:12379';
const PORT = '16443';

type Second = Awaited<ReturnType<Bed['cluster']['startSecond']>>;

/**
 * A second API server of the bed's cluster, which reaches etcd through a gateway of its own. While that stands still the server
 * shows from its cache what was, and can tell nobody what is.
 */
export class LaggingServer {
  /** Of the form `https://ADDRESS:PORT`. */
  readonly url: string;
  readonly #bed: Bed;
  readonly #gateway: Second;
  readonly #server: Second;

  private constructor(bed: Bed, url: string, gateway: Second, server: Second) {
    this.#bed = bed;
    this.url = url;
    this.#gateway = gateway;
    this.#server = server;
  }

  /** Starts both, and waits until the server is ready and has what the operator watches in its cache. */
  static async start(bed: Bed): Promise<LaggingServer> {
    const url = new URL(bed.api.server);
    url.port = PORT;
    const gateway = await bed.cluster.startSecond('etcd', (flags) => {
      const served = flags.find((flag) => flag.startsWith('--listen-client-urls='))?.replace(/^.*\/\//, '');
      return ['gateway', 'start', `--endpoints=${served}`, `--listen-addr=${GATEWAY}`];
    });
    // Both servers write one audit log, line by line.
    const elsewhere = (flag: string): string =>
      flag
        .replace(/^--secure-port=.*/, `--secure-port=${PORT}`)
        .replace(/^--etcd-servers=.*/, `--etcd-servers=http://${GATEWAY}`);
    const ready = async (): Promise<boolean> => await bed.api.isReady(url.href);
    const server = await bed.cluster.startSecond('kube-apiserver', (flags) => flags.map(elsewhere), ready);
    const lagging = new LaggingServer(bed, url.origin, gateway, server);
    await lagging.#showAll();
    return lagging;
  }

  /** A cache is begun when it is first asked for, and filled by the next time. */
  async #showAll(): Promise<void> {
    for (const kind of CACHED) await this.shows(pathOf(kind));
  }

  /** What it has in its cache of the objects at `path`, however old that is. */
  async shows<T = Thing>(path: string): Promise<T[]> {
    return await this.#bed.api.list<T>(`${this.url}${path}?resourceVersion=0`);
  }

  /** From now on it lags behind; `thaw` lets it catch up. Rejects if it has nothing to show of what the operator watches. */
  async freeze(): Promise<void> {
    await this.#bed.cluster.signal(this.#gateway.name, 'SIGSTOP');
    await this.#showAll();
  }

  async thaw(): Promise<void> {
    await this.#bed.cluster.signal(this.#gateway.name, 'SIGCONT');
  }

  async end(): Promise<void> {
    await this.#server.end();
    await this.#gateway.end();
  }
}
