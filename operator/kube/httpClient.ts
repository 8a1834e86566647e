import type { Dispatcher } from 'undici';
import type {
  ApplyOptions,
  CallOptions,
  Client,
  ClientRules,
  DeleteOptions,
  JsonPatchOperation,
  ListOptions,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { Deadline } from './deadline.ts';
import { type ApiError, errorFromAnswer, messageOf, SilenceError } from './errors.ts';
import { failure, jsonOr, parseBody, retryAfter, retryDelay, selectors, withQuery, writeQuery } from './exchange.ts';
import { type Clock, type Meter, noMeter, sleep, systemClock } from './ports.ts';
import { apiVersion, collectionPath, objectPath, type Resource } from './resource.ts';
import { TokenBucket } from './tokenBucket.ts';
import { type HttpRequest, Transport, type TransportOptions } from './transport.ts';
import type { AppliedObject, KubeList, KubeObject, Ref, WatchEvent } from './types.ts';
import { watchEvents } from './watchStream.ts';

export type ConnectOptions = TransportOptions & {
  /** Calls a second on average, and at once; watches and urgent calls are free. Default 50 and 100. */
  qps?: number;
  burst?: number;
  /** How often one call waits out a 429 or 503 with `Retry-After`. Default 10, as client-go does. */
  retries?: number;
  meter?: Meter;
};

/** A client for the API server that `credentials` leads to. Nothing is sent before the first call. */
export function connect(options: ConnectOptions): Client {
  const clock = options.clock ?? systemClock;
  return new HttpClient({
    transport: new Transport(options),
    bucket: new TokenBucket(clock, options.qps ?? 50, options.burst ?? 100),
    retries: options.retries ?? 10,
    meter: options.meter ?? noMeter,
    clock,
    rules: {},
  });
}

type Parts = {
  transport: Transport;
  bucket: TokenBucket;
  retries: number;
  meter: Meter;
  clock: Clock;
  rules: ClientRules;
};
type Call = Pick<HttpRequest, 'method' | 'path' | 'body' | 'headers'> & {
  options: CallOptions;
  /** Sending it twice does no harm, so it may be sent again where it is unknown whether it was done. */
  idempotent: boolean;
};

const TIMEOUT = 30_000;
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

class HttpClient implements Client {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get<T extends KubeObject>(resource: Resource<T>, ref: Ref, options: CallOptions = {}): Promise<T> {
    return this.#read(objectPath(resource, ref), options) as Promise<T>;
  }

  list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const query = {
      ...selectors(options),
      limit: options.limit,
      continue: options.continue,
      resourceVersion: options.resourceVersion,
    };
    return this.#read(withQuery(collectionPath(resource, options.namespace), query), options) as Promise<KubeList<T>>;
  }

  read(path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#read(path, options);
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { name, namespace } = object.metadata;
    const path =
      options.subresource === undefined
        ? collectionPath(resource, namespace)
        : objectPath(resource, { name, namespace }, options.subresource);
    return this.#write('POST', path, { resource, object, options }, { idempotent: false });
  }

  replace<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { name, namespace } = object.metadata;
    const path = objectPath(resource, { name, namespace }, options.subresource);
    return this.#write('PUT', path, { resource, object, options }, { idempotent: true });
  }

  async delete(resource: Resource, ref: Ref, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds } = options;
    const body = JSON.stringify({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions: { uid, resourceVersion },
      propagationPolicy,
      gracePeriodSeconds,
    });
    const headers = { 'content-type': 'application/json' };
    await this.#call({ method: 'DELETE', path: objectPath(resource, ref), body, headers, options, idempotent: true });
  }

  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch(objectPath(resource, ref, options.subresource), patch, MERGE, options) as Promise<T>;
  }

  jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    ref: Ref,
    patch: readonly JsonPatchOperation[],
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#patch(objectPath(resource, ref, options.subresource), patch, JSON_PATCH, options) as Promise<T>;
  }

  apply<T extends KubeObject>(resource: Resource<T>, object: AppliedObject, options: ApplyOptions): Promise<T> {
    const { name, namespace } = object.metadata;
    const path = objectPath(resource, { name, namespace }, options.subresource);
    const body = { ...object, apiVersion: apiVersion(resource), kind: resource.kind };
    return this.#patch(path, body, APPLY, options) as Promise<T>;
  }

  async *watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const initial =
      options.sendInitialEvents === true ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : {};
    const path = withQuery(collectionPath(resource, options.namespace), {
      ...selectors(options),
      ...initial,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
    });
    const call = `WATCH ${path}`;
    const deadline = new Deadline(this.#parts.clock, options.signal, Math.min(options.idle, TIMEOUT));
    let open = false;
    try {
      const response = await this.#send({ method: 'GET', path, lane: 'stream' }, deadline.signal);
      if (response.statusCode !== 200) throw await this.#refusal(call, response);
      deadline.extend(options.idle);
      open = true;
      yield* watchEvents<T>(call, response.body, deadline, options.idle);
    } catch (error) {
      if (open && deadline.expired)
        throw new SilenceError(call, 0, { message: messageOf(deadline.signal.reason) }, { cause: error });
      throw failure(call, error, deadline, options.signal);
    } finally {
      deadline.end();
    }
  }

  with(rules: ClientRules): Client {
    return new HttpClient({ ...this.#parts, rules: { ...this.#parts.rules, ...rules } });
  }

  close(): Promise<void> {
    return this.#parts.transport.close();
  }

  #read(path: string, options: CallOptions): Promise<unknown> {
    return this.#call({ method: 'GET', path, options, idempotent: true });
  }

  #write<T extends KubeObject>(
    method: 'POST' | 'PUT',
    path: string,
    { resource, object, options }: { resource: Resource<T>; object: T; options: WriteOptions },
    { idempotent }: { idempotent: boolean },
  ): Promise<T> {
    const body = JSON.stringify({ ...object, apiVersion: apiVersion(resource), kind: resource.kind });
    const headers = { 'content-type': 'application/json' };
    return this.#call({
      method,
      path: withQuery(path, writeQuery(options)),
      body,
      headers,
      options,
      idempotent,
    }) as Promise<T>;
  }

  #patch(path: string, patch: object, type: string, options: WriteOptions & { force?: boolean }): Promise<unknown> {
    return this.#call({
      method: 'PATCH',
      path: withQuery(path, { ...writeQuery(options), force: options.force === true ? true : undefined }),
      body: JSON.stringify(patch),
      headers: { 'content-type': type },
      options,
      // A JSON patch may append to a list: done twice, it is not the same.
      idempotent: type !== JSON_PATCH,
    });
  }

  /** One call with its tries. */
  async #call(call: Call): Promise<unknown> {
    const { clock, retries } = this.#parts;
    const { signal } = call.options;
    for (let attempt = 0; ; attempt++) {
      await this.#admit(signal);
      try {
        return await this.#once(call);
      } catch (error) {
        const delay = retryDelay(error, call, attempt);
        if (delay === undefined || attempt >= retries) throw error;
        await sleep(clock, delay, signal);
      }
    }
  }

  /** Waits for the token bucket. */
  async #admit(signal: AbortSignal | undefined): Promise<void> {
    const { bucket, clock, rules } = this.#parts;
    const delay = rules.urgent === true ? 0 : bucket.reserve();
    if (delay > 0) await sleep(clock, delay, signal);
    signal?.throwIfAborted();
  }

  async #once(call: Call): Promise<unknown> {
    const { method, path, body, headers, options } = call;
    const name = `${method} ${path}`;
    const deadline = new Deadline(this.#parts.clock, options.signal, options.timeout ?? TIMEOUT);
    const { urgent, mayWrite } = this.#parts.rules;
    const http: HttpRequest = {
      method,
      path,
      lane: urgent === true ? 'stream' : 'call',
      ...(body !== undefined && { body }),
      ...(headers !== undefined && { headers }),
      ...(mayWrite !== undefined && method !== 'GET' && { mayWrite }),
    };
    try {
      const response = await this.#send(http, deadline.signal);
      if (response.statusCode >= 300) throw await this.#refusal(name, response);
      return parseBody(name, await response.body.text(), response);
    } catch (error) {
      throw failure(name, error, deadline, options.signal);
    } finally {
      deadline.end();
    }
  }

  async #send(http: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { transport, meter, clock } = this.#parts;
    const began = clock.monotonic();
    let code = '<error>';
    try {
      const response = await transport.send({ ...http, signal });
      code = String(response.statusCode);
      return response;
    } finally {
      meter.request({ code, method: http.method, host: transport.host, seconds: (clock.monotonic() - began) / 1000 });
    }
  }

  async #refusal(call: string, response: Dispatcher.ResponseData): Promise<ApiError> {
    const text = await response.body.text();
    if (response.statusCode === 401) this.#parts.transport.renewCredentials();
    return errorFromAnswer(call, response.statusCode, jsonOr(text), retryAfter(response.headers['retry-after']));
  }
}
