import type { Resource } from './resource.ts';
import type { AppliedObject, KubeList, KubeObject, Ref, WatchEvent } from './types.ts';

/**
 * One HTTP call per method, raw JSON in and out. Every method throws the errors of errors.ts, and `signal.reason` when its
 * signal aborts. A 429 that says `Retry-After` is waited out, a 503 only by reads and other idempotent calls; nothing else
 * is tried again.
 */
export type Client = {
  get<T extends KubeObject>(resource: Resource<T>, ref: Ref, options?: CallOptions): Promise<T>;
  /** One page. `metadata.continue` is the next page's `continue`. */
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<KubeList<T>>;
  /** The namespace is the object's own. `apiVersion` and `kind` are filled in. */
  create<T extends KubeObject>(resource: Resource<T>, object: NoInfer<T>, options?: WriteOptions): Promise<T>;
  /** PUT: with `metadata.resourceVersion` it fails with ConflictError when the object has changed since. */
  replace<T extends KubeObject>(resource: Resource<T>, object: NoInfer<T>, options?: WriteOptions): Promise<T>;
  /** Resolves when the server has accepted it: an object with finalizers or a grace period is still there. */
  delete(resource: Resource, ref: Ref, options?: DeleteOptions): Promise<void>;
  /** JSON merge patch (RFC 7386): null removes, lists are replaced whole. */
  mergePatch<T extends KubeObject>(resource: Resource<T>, ref: Ref, patch: object, options?: WriteOptions): Promise<T>;
  /** JSON patch (RFC 6902). A `test` that fails is an InvalidError. */
  jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: readonly JsonPatchOperation[],
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply; creates what is absent. `object` states only the fields that its manager owns. See apply.ts. */
  apply<T extends KubeObject>(resource: Resource<T>, object: AppliedObject, options: ApplyOptions): Promise<T>;
  /**
   * Events from the server until it closes the stream, which ends the iteration without an error. Throws GoneError for a 410
   * in any of its forms, SilenceError after `idle` without a byte, NetworkError for a line that is cut off.
   */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** GET of any path of the API server, e.g. `/version` or `/apis/scheduling.k8s.io`: parsed JSON, or the text where it is none. */
  read(path: string, options?: CallOptions): Promise<unknown>;
  /** The same connections under other rules. */
  with(rules: ClientRules): Client;
  /** Ends all calls and watches and closes every connection. */
  close(): Promise<void>;
};

export type CallOptions = {
  signal?: AbortSignal | undefined;
  /** Milliseconds for each try of the request. Default 30,000. */
  timeout?: number | undefined;
};
export type ListOptions = CallOptions & Selection & { limit?: number; continue?: string; resourceVersion?: string };
export type WriteOptions = CallOptions & {
  subresource?: string | undefined;
  fieldManager?: string | undefined;
  dryRun?: boolean | undefined;
};
export type ApplyOptions = WriteOptions & {
  /** One per concern: the server keeps who owns which field under this name. */
  fieldManager: string;
  /** Take fields that another manager owns, instead of ConflictError. */
  force?: boolean;
};
export type DeleteOptions = CallOptions & {
  /** ConflictError unless the object is exactly this one. */
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
};
export type WatchOptions = Selection & {
  signal?: AbortSignal | undefined;
  resourceVersion?: string | undefined;
  /** WatchList: first everything there is as ADDED, then a bookmark (reflector.ts knows which), then changes. */
  sendInitialEvents?: boolean;
  /** Seconds after which the server ends the stream. */
  timeoutSeconds: number;
  /** Milliseconds without a byte after which the stream is given up. */
  idle: number;
};
/** What of a kind: all namespaces unless one is named. */
export type Selection = {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
};
export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string };

export type ClientRules = {
  /** Asked right before each write is sent; while it answers false the write fails with NotLeaderError. */
  mayWrite?: () => boolean;
  /** Calls skip the token bucket and the connection limit: for the lease, which must not wait behind a thousand pods. */
  urgent?: boolean;
};
