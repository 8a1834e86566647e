import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { filesBelow, hashOf } from '../../kernels/cache.ts';
import type { Cluster } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import { KubeApi, type Thing } from './kubeApi.ts';
import { type KindName, pathOf } from './paths.ts';

/** Release and namespace of the chart on a test cluster, the ones that the README names. */
export const RELEASE = 'coxswain';
export const SYSTEM = 'coxswain-system';

/** Name of the cluster on which tests install the chart: on the one that they share, operators are processes of this machine. */
export const INSTALLED = 'installed';

const CHART = join(import.meta.dirname, '../../charts/coxswain');

/** Left out where the operator runs as a process of this machine. */
const PROGRAM = ['Deployment', 'PodDisruptionBudget', 'Service', 'NetworkPolicy'];

/**
 * Gives the cluster what the chart installs around the operator: the kinds, the service account and its roles, so that
 * an operator outside of the cluster speaks with the rights of one inside. As Helm would, so that Helm can take over.
 */
export async function applySurroundings(cluster: Cluster): Promise<void> {
  const objects = await surroundings(cluster);
  const api = await KubeApi.from(cluster.kubeconfig);
  try {
    const namespace: Rendered = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } };
    await api.apply(addressOf(namespace), namespace, 'helm');
    await Promise.all(objects.map(async (object) => await api.apply(addressOf(object), object, 'helm')));
    const kinds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(addressOf);
    await until('the kinds to be served', 30_000, async () => {
      const answers = await Promise.all(kinds.map(async (path) => await api.get<Definition>(path)));
      return answers.every(({ status }) => status?.conditions?.some(isEstablished));
    });
  } finally {
    api.close();
  }
}

type Rendered = Thing & { apiVersion: string; kind: KindName };
type Condition = { type: string; status: string };
type Definition = Thing & { status?: { conditions?: Condition[] } };

const isEstablished = ({ type, status }: Condition): boolean => type === 'Established' && status === 'True';

const addressOf = ({ kind, metadata: { namespace, name } }: Rendered): string => pathOf(kind, namespace, name);

/** The chart's objects but for the program itself, marked as Helm's. Rendered once for each state of the chart. */
async function surroundings(cluster: Cluster): Promise<Rendered[]> {
  const kept = join(cluster.folder, `surroundings-${hashOf(CHART, filesBelow(CHART))}.json`);
  const known = await readFile(kept, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as Rendered[];
  const rendered = await cluster.helm(['template', RELEASE, CHART, `--namespace=${SYSTEM}`]);
  const objects = parseAllDocuments(rendered)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null && !PROGRAM.includes(object.kind)) as Rendered[];
  for (const { metadata } of objects) {
    metadata.labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' };
    metadata.annotations = {
      ...metadata.annotations,
      'meta.helm.sh/release-name': RELEASE,
      'meta.helm.sh/release-namespace': SYSTEM,
    };
  }
  // Whole or not at all, whenever this is killed.
  await writeFile(`${kept}.new`, JSON.stringify(objects));
  await rename(`${kept}.new`, kept);
  return objects;
}

/** Stops the operator that the chart installed, if there is one; the answer starts it again as it was. */
export async function standAside(cluster: Cluster): Promise<() => Promise<void>> {
  const api = await KubeApi.from(cluster.kubeconfig);
  type Deployment = Thing & { spec: { replicas: number } };
  const found = await api.find<Deployment>(pathOf('Deployment', SYSTEM, RELEASE)).finally(() => api.close());
  const replicas = found?.spec.replicas ?? 0;
  if (replicas === 0) return async () => undefined;
  const where = [`--namespace=${SYSTEM}`, 'deployment', RELEASE];
  const scale = async (to: number): Promise<void> => {
    await cluster.kubectl(['scale', ...where, `--replicas=${to}`]);
  };
  await scale(0);
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
