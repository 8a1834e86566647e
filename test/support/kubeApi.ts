import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** Any object of the API, as far as tests look into it. */
export type Thing = {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    deletionTimestamp?: string;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  };
};

/** What the API server refused, with its own words. */
class ApiError extends Error {
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    let message = body.slice(0, 2000);
    try {
      message = (JSON.parse(body) as { message?: string }).message ?? message;
    } catch {
      // Not JSON: the words as they came.
    }
    super(`${what}: ${status} ${message}`);
    this.status = status;
  }
}

/** Asked to come again later, as of kinds that were just defined, a call does: so often, a second apart. */
const TRIES = 15;

const PATCH = { merge: 'application/merge-patch+json', apply: 'application/apply-patch+yaml' } as const;

/**
 * The tests' own client: plain HTTPS, nothing of the operator's code, so that a fault there cannot hide itself here. It
 * speaks as the kubeconfig's user, with certificate or token.
 */
export class KubeApi {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  /** What the API server remarked on calls that it did. */
  readonly warnings: string[] = [];
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;

  private constructor(server: string, ca: string, user: { cert?: string; key?: string; token?: string }) {
    this.server = server;
    this.ca = ca;
    this.#agent = new Agent({
      keepAlive: true,
      ca,
      ...(user.cert !== undefined && user.key !== undefined && { cert: user.cert, key: user.key }),
    });
    this.#headers = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` };
  }

  /** From a kubeconfig as the cluster tool writes them: JSON, one cluster, one user, everything inside. */
  static async from(kubeconfig: string): Promise<KubeApi> {
    type Entry = { cluster?: Record<string, string>; user?: Record<string, string> };
    const config = JSON.parse(await readFile(kubeconfig, 'utf8')) as Record<'clusters' | 'users', Entry[]>;
    const { server = '', 'certificate-authority-data': authority = '' } = config.clusters[0]?.cluster ?? {};
    const { 'client-certificate-data': cert, 'client-key-data': key, token } = config.users[0]?.user ?? {};
    const plain = (data: string): string => Buffer.from(data, 'base64').toString();
    return new KubeApi(server, plain(authority), {
      ...(cert !== undefined && { cert: plain(cert) }),
      ...(key !== undefined && { key: plain(key) }),
      ...(token !== undefined && { token }),
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Whether the API server at `server`, of the same cluster, says that it is ready. */
  async isReady(server = this.server): Promise<boolean> {
    const response = await this.#send('GET', new URL('/readyz', server).href, AbortSignal.timeout(5_000));
    return response.resume().statusCode === 200;
  }

  async get<T = Thing>(path: string): Promise<T> {
    return (await this.#json('GET', path)) as T;
  }

  /** The object, or undefined if there is none. */
  async find<T = Thing>(path: string): Promise<T | undefined> {
    return await this.get<T>(path).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  async list<T = Thing>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  async create<T = Thing>(path: string, object: object): Promise<T> {
    return (await this.#json('POST', path, object)) as T;
  }

  async patch<T = Thing>(path: string, change: object, how: keyof typeof PATCH = 'merge'): Promise<T> {
    if (how === 'apply') return await this.apply<T>(path, change);
    return (await this.#json('PATCH', path, change, PATCH[how])) as T;
  }

  /** Makes the object at `path` be as said, by server-side apply, as if `manager` did it, whoever wrote it before. */
  async apply<T = Thing>(path: string, object: object, manager = 'coxswain-test', dryRun = false): Promise<T> {
    const query = `?fieldManager=${manager}&force=true${dryRun ? '&dryRun=All' : ''}`;
    return (await this.#json('PATCH', `${path}${query}`, object, PATCH.apply)) as T;
  }

  /** Deletes in the background; one that is gone already is deleted too. */
  async remove(path: string, options: object = {}): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', ...options };
    await this.#json('DELETE', path, body).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  /** Passes on every line of a watch until the server ends it or `signal` aborts. */
  async watch(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
    const response = await this.#send('GET', path, signal);
    if (response.statusCode !== 200) throw new ApiError(`GET ${path}`, response.statusCode ?? 0, await text(response));
    let rest = '';
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
    }
  }

  async #json(method: string, path: string, body?: object, type = 'application/json'): Promise<unknown> {
    for (let left = TRIES; ; left -= 1) {
      const response = await this.#send(method, path, AbortSignal.timeout(30_000), body && { body, type });
      const answer = await text(response);
      const status = response.statusCode ?? 0;
      if (status < 300) {
        const { warning } = response.headers;
        if (warning !== undefined) this.warnings.push(`${method} ${path}: ${warning}`);
        return JSON.parse(answer);
      }
      if (status !== 429 || left === 0) throw new ApiError(`${method} ${path}`, status, answer);
      await delay(1000);
    }
  }

  async #send(
    method: string,
    path: string,
    signal: AbortSignal,
    sent?: { body: object; type: string },
  ): Promise<IncomingMessage> {
    const bytes = sent && Buffer.from(JSON.stringify(sent.body));
    const headers = {
      ...this.#headers,
      ...(sent && bytes && { 'content-type': sent.type, 'content-length': String(bytes.length) }),
    };
    const call = request(new URL(path, this.server), { method, agent: this.#agent, signal, headers });
    call.end(bytes);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return response;
  }
}
