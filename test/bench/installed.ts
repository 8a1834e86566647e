/** What the benches start from: the local cluster, Coxswain on it by its chart, a namespace, a client. */
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { type Client } from '../../operator/kube/client.ts';
import { findCredentials } from '../../operator/kube/credentials.ts';
import { connect } from '../../operator/kube/httpClient.ts';
import { importImages, installChart, restrictedNamespace } from '../../scripts/local/install.ts';
import type { Log } from '../../scripts/local/progress.ts';
import { type Cluster, up } from '../cluster/api.ts';

export interface Installed {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly namespace: string;
  /** Removes the namespace and closes the client; the cluster stays. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Needs root, as real nodes do. */
export async function installed(log: Log): Promise<Installed> {
  if (process.getuid?.() !== 0) throw new Error('this bench needs real nodes, and they need root');
  const cluster = await up({ real: 2, log });
  await installChart(cluster, await importImages(cluster, log));
  const namespace = `bench-${randomBytes(3).toString('hex')}`;
  await restrictedNamespace(cluster, namespace);
  const credentials = await findCredentials({ kubeconfig: cluster.kubeconfig });
  // The bench must not wait for its own client: the API server is the limit.
  const client = connect({ credentials, qps: 10_000, burst: 10_000 });
  return {
    cluster,
    client,
    namespace,
    async [Symbol.asyncDispose]() {
      await client.close();
      await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=600s']);
    },
  };
}

/** How the machine's cores are shared, without which no figure means anything. */
export function machineNote(): string {
  return `${cpus().length} cores shared by API server, etcd, scheduler, both kubelets, the operator and the ranks`;
}
