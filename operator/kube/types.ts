/**
 * Objects as the API server sends them: raw JSON. Nothing is parsed into classes, so fields that this code does not know
 * survive a read and a write, and times stay the strings that the server wrote (RFC 3339).
 */

type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean | undefined;
  blockOwnerDeletion?: boolean | undefined;
};

/** Optional members admit `undefined`, so that types inferred from schemas fit. The server always sets name, uid and resourceVersion. */
type ObjectMeta = {
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  generation?: number | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  deletionGracePeriodSeconds?: number | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  ownerReferences?: readonly OwnerReference[] | undefined;
  finalizers?: readonly string[] | undefined;
  managedFields?: readonly unknown[] | undefined;
};

export type KubeObject = {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata: ObjectMeta;
};

/** What server-side apply sends: an object with only the fields that its manager owns. */
export type AppliedObject = KubeObject & { readonly [field: string]: unknown };

export type KubeList<T extends KubeObject> = {
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: T[];
};

/** `metav1.Status`: what the server answers when a call fails. */
export type Status = {
  kind: 'Status';
  code?: number;
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    kind?: string;
    group?: string;
    retryAfterSeconds?: number;
    causes?: StatusCause[];
  };
};
export type StatusCause = { reason?: string; message?: string; field?: string };

/** A bookmark carries only `metadata.resourceVersion` and, at the end of initial events, an annotation. */
export type WatchEvent<T extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; object: KubeObject };

/** Where an object lives. `namespace` is absent for cluster-scoped objects. */
export type Ref = { name: string; namespace?: string | undefined };

/** `ns/name`, or `name` for a cluster-scoped object: the key of stores and work queues. */
export type Key = string;

export function keyOf({ name, namespace }: Ref): Key {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function refOf(key: Key): Ref {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
