/** Coxswain on the local cluster, as its chart installs it: images into the nodes, the release by the real Helm. */
import { join } from 'node:path';
import { type BuiltImage, buildImages, type Name } from '../../images/api.ts';
import type { Cluster } from '../../test/cluster/api.ts';
import type { Log } from './progress.ts';

export const RELEASE = 'coxswain';
export const NAMESPACE = 'coxswain-system';

const ROOT = join(import.meta.dirname, '../..');

/** Image by name, with the tag that its content gave it. */
export type Imported = Readonly<Record<Name, BuiltImage>>;

/** Builds what the cache lacks and gives every real node all images. */
export async function importImages(cluster: Cluster, log: Log): Promise<Imported> {
  const images = await buildImages({ log });
  for (const image of images) {
    await cluster.importImage(image.tar);
    // Under a name of its content too: the version stays the same while one develops, and pods must see the change.
    await Promise.all(
      cluster.nodes.map((node) => cluster.ctr(node, ['images', 'tag', '--force', image.ref, contentRef(image)])),
    );
  }
  return Object.fromEntries(images.map((image) => [image.name, image])) as Imported;
}

function contentRef({ ref, hash }: BuiltImage): string {
  return `${ref.slice(0, ref.lastIndexOf(':'))}:${hash}`;
}

/** Makes a namespace that admits only pods of PodSecurity `restricted`. */
export async function restrictedNamespace(cluster: Cluster, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await cluster.kubectl(['apply', '--filename=-'], { input: JSON.stringify(namespace) });
}

/** Installs or upgrades the release, with tags by the images' content so that a change rolls its pods; waits until they run. */
export async function installChart(cluster: Cluster, { operator, launch }: Imported): Promise<void> {
  // As strings: a hash may be all digits.
  await applyChart(cluster, [
    `--set-string=image.tag=${operator.hash}`,
    `--set-string=launcher.image.tag=${launch.hash}`,
  ]);
  await rolledOut(cluster);
}

/** Installs or upgrades the release with further words for Helm; does not wait for its pods. */
export async function applyChart(cluster: Cluster, words: readonly string[]): Promise<void> {
  await restrictedNamespace(cluster, NAMESPACE);
  await forgetInterrupted(cluster);
  const chart = join(ROOT, 'charts/coxswain');
  // Without --wait: an upgrade that is cut off in its wait would block the next one.
  await cluster.helm(['upgrade', '--install', RELEASE, chart, `--namespace=${NAMESPACE}`, ...words]);
  const crds = ['crd', '--selector=app.kubernetes.io/name=coxswain'];
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...crds]);
}

/** Helm refuses to touch a release whose last operation never ended; what was cut off left nothing that an upgrade cannot fix. */
async function forgetInterrupted(cluster: Cluster): Promise<void> {
  const pending = 'status in (pending-install, pending-upgrade, pending-rollback)';
  await cluster.kubectl([
    'delete',
    'secret',
    `--namespace=${NAMESPACE}`,
    `--selector=owner=helm,name=${RELEASE},${pending}`,
  ]);
}

async function rolledOut(cluster: Cluster): Promise<void> {
  const where = [`--namespace=${NAMESPACE}`];
  try {
    await cluster.kubectl([...where, 'rollout', 'status', `deployment/${RELEASE}`, '--timeout=180s']);
  } catch (error) {
    const pods = await cluster.kubectl([...where, 'get', 'pods', '--output=wide']);
    const logs = await cluster.kubectl([...where, 'logs', `deployment/${RELEASE}`, '--tail=20']).catch(String);
    throw new Error(`the operator does not run:\n${pods}\n${logs}`, { cause: error });
  }
}
