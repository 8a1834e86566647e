/** What the fault proxy tells a test about the traffic, and what a test may answer. */

/** What a path of the API server names. */
export type Target = {
  group: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
};

export type ProxiedRequest = {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** Undefined for paths that are no resource, e.g. `/version`. */
  target: Target | undefined;
};

export type ProxiedResponse = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** `drop`: the connection is closed without an answer. An answer replaces the real one. Nothing: go on. */
export type Verdict = 'drop' | { status: number; headers?: Record<string, string>; body?: unknown } | undefined;

/**
 * Hooks around each call that is not a watch. `k` counts the writes from 1 (0 for what is not counted). Each is awaited, so a
 * hook delays by waiting, and may kill the client and wait until it is dead.
 */
export type Hooks = {
  /** The API server that a call or a watch goes to, e.g. `https://127.0.0.1:16443`. Default: the proxy's own. */
  upstream?: (request: ProxiedRequest) => string | undefined;
  /** Before the request goes to the API server, which does not see it unless the verdict is to go on. */
  before?: (k: number, request: ProxiedRequest) => Verdict | Promise<Verdict>;
  /** The API server has answered: what was written is committed. The client has not heard of it. */
  afterUpstream?: (k: number, request: ProxiedRequest, response: ProxiedResponse) => Verdict | Promise<Verdict>;
  /** The answer was handed to the client's connection. */
  afterDelivery?: (k: number, request: ProxiedRequest, response: ProxiedResponse) => void | Promise<void>;
  /** One line of a watch, before it is passed on. False drops it. */
  watchLine?: (request: ProxiedRequest, line: string) => boolean | Promise<boolean>;
};

/** What became of the traffic, elections apart: a fault that met nothing has proved nothing. All are counts. */
export type Tally = {
  /** Calls that a hook answered, or left without an answer. */
  answered: number;
  /** Calls that a hook kept waiting and then let go on. */
  delayed: number;
  /** Lines of watches that had to wait for a hold to end; those behind them in the same watch are not counted. */
  held: number;
  /** Lines of watches that never came: a hook dropped them, or the watch was silent. */
  lost: number;
  /** Answers of the API server that say of a write that the object is another by now: 409. */
  conflicts: number;
};

const MUTATING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether a request counts as a write of the controller's own: elections and events come at any time and would blur the count. */
export function isCountedWrite({ method, target }: ProxiedRequest): boolean {
  return MUTATING.has(method) && target?.plural !== 'leases' && target?.plural !== 'events';
}

/** Takes a path apart: `/api/v1/namespaces/a/pods/b/status`, `/apis/GROUP/VERSION/…`. */
export function targetOf(path: string): Target | undefined {
  const parts = (path.split('?', 1)[0] ?? '').split('/').filter((part) => part !== '');
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const group = core ? '' : (parts[1] ?? '');
  const rest = parts.slice(core ? 2 : 3).map(decodeURIComponent);
  // `/namespaces/a` alone names the namespace; with more behind it, it is the scope.
  const scoped = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
  const [plural, name, subresource] = scoped ? rest.slice(2) : rest;
  if (plural === undefined) return undefined;
  return {
    group,
    plural,
    ...(scoped && rest[1] !== undefined && { namespace: rest[1] }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  };
}
