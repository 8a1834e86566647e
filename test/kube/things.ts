import type { Resource } from '../../operator/kube/resource.ts';
import type { KubeObject } from '../../operator/kube/types.ts';

/** A kind for tests. */
export type Thing = KubeObject & { spec?: { color?: string; owner?: string } };

export const THINGS: Resource<Thing> = {
  group: 'test.example',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
};
export const THINGS_PATH = '/apis/test.example/v1/namespaces/a/things';

export function thing(
  name: string,
  version: number | string,
  spec: NonNullable<Thing['spec']> = {},
  uid = name,
): Thing {
  return { metadata: { name, namespace: 'a', uid, resourceVersion: String(version) }, spec };
}
