import type { KubeObject, Ref } from './types.ts';

/**
 * One kind as the API server serves it. `T` is the shape of its objects; it exists for the type checker alone
 * (`__object` is never set), so that `client.get(PODS, ref)` answers a Pod.
 */
export type Resource<T extends KubeObject = KubeObject> = {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly __object?: T;
};

/** Names a resource type; resourceVersions compare only within one. */
export function resourceName(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

export function apiVersion(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Path of the collection; without `namespace`, of all namespaces. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource.plural}`;
}

/**
 * Path of one object, or of its subresource.
 * @throws TypeError when the namespace is missing for a namespaced kind or given for another: the path would name something else.
 */
export function objectPath(resource: Resource, ref: Ref, subresource?: string): string {
  if (resource.namespaced !== (ref.namespace !== undefined)) {
    throw new TypeError(`${resource.kind} ${ref.name} ${resource.namespaced ? 'needs a' : 'has no'} namespace`);
  }
  if (ref.name === '') throw new TypeError(`${resource.kind} without a name`);
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** How one object names another. */
export type ObjectReference = {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
};

export function referenceTo(resource: Resource, { metadata }: KubeObject): ObjectReference {
  const { name, namespace, uid } = metadata;
  return { apiVersion: apiVersion(resource), kind: resource.kind, name, namespace, uid };
}
