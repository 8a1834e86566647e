import { randomBytes } from 'node:crypto';
import { buildImages, type Name } from '../../images/api.ts';
import type { Cluster } from '../cluster/api.ts';
import type { KubeApi, Thing } from './kubeApi.ts';
import { pathOf } from './paths.ts';

/** Label of what tests make outside of namespaces of their own, so that the next run finds what a killed one left. */
export const MARK = 'coxswain-test';

export const unique = (word: string): string => `${word}-${randomBytes(4).toString('hex')}`;

/** Builds images, what is cached in no time, and gives them to the real nodes. `content` names the operator's. */
export async function provide(
  cluster: Cluster,
  names: readonly Name[],
): Promise<{ launcherImage: string; content: string }> {
  if (cluster.nodes.length === 0) return { launcherImage: 'localhost/coxswain/launch:none', content: '' };
  const built = await buildImages({ names });
  for (const { tar } of built) await cluster.importImage(tar);
  return { launcherImage: built[0]?.ref ?? '', content: built.find(({ name }) => name === 'operator')?.hash ?? '' };
}

/** Removes what tests left: with no operator to ask, the jobs' finalizers are taken off by hand. */
export async function sweep(api: KubeApi): Promise<void> {
  // On a new cluster our kinds may not be there yet.
  const all = async (path: string): Promise<Thing[]> => (await api.find<{ items: Thing[] }>(path))?.items ?? [];
  const marked = `?labelSelector=${MARK}%3Dtrue`;
  const namespaces = new Set((await api.list(`${pathOf('Namespace')}${marked}`)).map(({ metadata }) => metadata.name));
  for (const kind of ['SimulationJob', 'TrainingJob'] as const) {
    for (const { metadata } of await all(pathOf(kind))) {
      const { namespace = '', name } = metadata;
      if (!namespaces.has(namespace)) continue;
      await api.remove(pathOf(kind, namespace, name));
      const found = await api.find(pathOf(kind, namespace, name));
      if (found) await api.patch(pathOf(kind, namespace, name), { metadata: { finalizers: null } });
    }
  }
  for (const name of namespaces) await api.remove(pathOf('Namespace', undefined, name));
  for (const kind of ['Queue', 'ComputePool'] as const) {
    for (const { metadata } of await all(`${pathOf(kind)}${marked}`)) {
      await api.remove(pathOf(kind, undefined, metadata.name));
    }
  }
}
