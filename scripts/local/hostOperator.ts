/** The operator as a process of this machine, with the environment and the rights that its chart gives it. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../test/cluster/api.ts';
import { applyChart, NAMESPACE, RELEASE } from './install.ts';

export interface HostOperator {
  readonly pid: number;
  /** Path of its log. */
  readonly log: string;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

/** Installs the chart and takes its pods away: its kinds, roles and settings stay. */
export async function installWithoutPods(cluster: Cluster): Promise<void> {
  await applyChart(cluster, ['--set=replicaCount=1']);
  await cluster.kubectl(['scale', `deployment/${RELEASE}`, `--namespace=${NAMESPACE}`, '--replicas=0']);
}

/** Starts the operator beside a cluster that has its chart without pods. */
export async function startHostOperator(cluster: Cluster): Promise<HostOperator> {
  const kubeconfig = join(cluster.folder, 'operator.kubeconfig');
  await cluster.serviceAccountKubeconfig(kubeconfig, NAMESPACE, RELEASE);
  const path = join(cluster.folder, 'operator.log');
  const log = openSync(path, 'w');
  const child = spawn(
    process.execPath,
    ['--disable-proto=delete', join(import.meta.dirname, '../../operator/main.ts')],
    {
      env: { ...process.env, ...(await chartEnvironment(cluster)), COXSWAIN_KUBECONFIG: kubeconfig },
      stdio: ['ignore', log, log],
    },
  );
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  return { pid: child.pid ?? 0, log: path, stop };
}

/** What the Deployment sets, but for what only a pod can know, and for ports, which other processes may hold. */
async function chartEnvironment(cluster: Cluster): Promise<Record<string, string>> {
  const path = '{.spec.template.spec.containers[0]}';
  const where = [`--namespace=${NAMESPACE}`, 'get', 'deployment', RELEASE, `--output=jsonpath=${path}`];
  const { env } = JSON.parse(await cluster.kubectl(where)) as Container;
  const fixed = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return {
    ...Object.fromEntries(fixed),
    COXSWAIN_NAMESPACE: NAMESPACE,
    COXSWAIN_HOLDER: `host-${process.pid}`,
    COXSWAIN_BIND_ADDRESS: '127.0.0.1',
    COXSWAIN_METRICS_PORT: '0',
    COXSWAIN_HEALTH_PORT: '0',
  };
}
