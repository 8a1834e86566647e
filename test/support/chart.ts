import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import type { KubeApi, Thing } from './kubeApi.ts';
import { pathOf } from './paths.ts';

/** Release and namespace of the chart on a test cluster, the ones that the README names. */
export const RELEASE = 'coxswain';
export const SYSTEM = 'coxswain-system';

const CHART = join(import.meta.dirname, '../../charts/coxswain');

/** Left out where the operator runs as a process of this machine. */
const PROGRAM = ['Deployment', 'PodDisruptionBudget', 'Service', 'NetworkPolicy'];

/**
 * Gives the cluster what the chart installs around the operator: the kinds, the service account and its roles, so that
 * an operator outside of the cluster speaks with the rights of one inside. As Helm would, so that Helm can take over.
 */
export async function applySurroundings(cluster: Cluster): Promise<void> {
  const rendered = await cluster.helm(['template', RELEASE, CHART, `--namespace=${SYSTEM}`]);
  const objects = parseAllDocuments(rendered)
    .map((document) => document.toJS() as (Thing & { kind: string }) | null)
    .filter((object) => object !== null && !PROGRAM.includes(object.kind)) as Thing[];
  const namespace: Thing = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } };
  for (const { metadata } of objects) {
    metadata.labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' };
    metadata.annotations = {
      ...metadata.annotations,
      'meta.helm.sh/release-name': RELEASE,
      'meta.helm.sh/release-namespace': SYSTEM,
    };
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [namespace, ...objects] };
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=helm', '--filename=-'];
  await cluster.kubectl(apply, { input: JSON.stringify(list) });
  const kinds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', ...kinds]);
}

/** Stops the operator that the chart installed, if there is one; the answer starts it again as it was. */
export async function standAside(cluster: Cluster): Promise<() => Promise<void>> {
  const where = [`--namespace=${SYSTEM}`, 'deployment', RELEASE];
  const replicas = await cluster.kubectl(['get', ...where, '--ignore-not-found', '--output=jsonpath={.spec.replicas}']);
  if (replicas === '' || replicas === '0') return async () => undefined;
  const scale = async (to: string): Promise<void> => {
    await cluster.kubectl(['scale', ...where, `--replicas=${to}`]);
  };
  await scale('0');
  const pods = ['--selector=app.kubernetes.io/name=coxswain', `--namespace=${SYSTEM}`];
  await cluster.kubectl(['wait', '--for=delete', 'pod', ...pods, '--timeout=60s']);
  return async () => await scale(replicas);
}

/**
 * Installs or upgrades the chart as it lies in the checkout, with its own values, into a namespace that enforces
 * `restricted`, and waits until it is available.
 * @param content names what is in the operator's image: it keeps its name while that changes, and what runs must be the present.
 */
export async function installChart(cluster: Cluster, content: string, api: KubeApi): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace: Thing = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM, labels } };
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=coxswain-test', '--filename=-'];
  await cluster.kubectl(apply, { input: JSON.stringify(namespace) });
  const wait = ['--wait', '--timeout=180s', '--take-ownership', `--namespace=${SYSTEM}`];
  await cluster.helm([
    'upgrade',
    '--install',
    RELEASE,
    CHART,
    ...wait,
    `--set-string=podAnnotations.content=${content}`,
  ]);
  // The operator makes these only where there are none, so they must be there before a test makes others.
  for (const kind of ['Queue', 'ComputePool'] as const) {
    const made = async (): Promise<boolean> => (await api.find(pathOf(kind, undefined, 'default'))) !== undefined;
    await until(`${kind} default`, 30_000, made);
  }
}
