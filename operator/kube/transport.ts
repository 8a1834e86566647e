import { Agent, type Dispatcher, request } from 'undici';
import type { Access, Credentials } from './credentials.ts';
import { messageOf } from './errors.ts';
import { type Clock, type Log, silentLog, systemClock } from './ports.ts';
import { guardWrites } from './writeGuard.ts';

export type TransportOptions = {
  credentials: Credentials;
  /** Connections that calls share. Default 16. */
  connections?: number;
  /** Milliseconds after which credentials are read anew. Default 60,000. */
  refresh?: number;
  userAgent?: string;
  clock?: Clock;
  log?: Log;
};

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
  /** `stream`: on the agent without a connection limit. */
  lane: 'call' | 'stream';
  /** Asked when the request is about to go out; false makes it a NotLeaderError. */
  mayWrite?: () => boolean;
};

type Agents = { call: Agent; stream: Agent; key: string };

/**
 * Two long-lived connection pools under credentials that stay current. client-node itself opens a connection per call, which
 * costs ten times the time and a socket each.
 */
export class Transport {
  readonly #credentials: Credentials;
  readonly #connections: number;
  readonly #refresh: number;
  readonly #userAgent: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #agents: Agents | undefined;
  /** The credentials that they were compared with last. */
  #agentsOf: Access | undefined;
  #access: Access | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<Access> | undefined;
  #closed = false;

  constructor(options: TransportOptions) {
    this.#credentials = options.credentials;
    this.#connections = options.connections ?? 16;
    this.#refresh = options.refresh ?? 60_000;
    this.#userAgent = options.userAgent ?? 'coxswain';
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
  }

  /** Host and port of the API server, for metrics; '' before the first request. */
  get host(): string {
    return this.#access?.server.host ?? '';
  }

  /** Sends one request with the current credentials. Throws what undici throws; an answer of any status is an answer. */
  async send(http: HttpRequest): Promise<Dispatcher.ResponseData> {
    const access = await this.#current();
    const agents = this.#agentsFor(access);
    const agent = http.lane === 'call' ? agents.call : agents.stream;
    return request(new URL(http.path, access.server), {
      dispatcher: http.mayWrite === undefined ? agent : agent.compose(guardWrites(http.mayWrite)),
      method: http.method,
      headers: { 'user-agent': this.#userAgent, accept: 'application/json', ...access.headers, ...http.headers },
      body: http.body ?? null,
      signal: http.signal ?? null,
    });
  }

  /** The server refused the credentials: the next request reads them anew. */
  renewCredentials(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  /** Ends everything under way. */
  async close(): Promise<void> {
    this.#closed = true;
    const agents = this.#agents;
    this.#agents = undefined;
    if (agents !== undefined) await Promise.all([agents.call.destroy(), agents.stream.destroy()]);
  }

  async #current(): Promise<Access> {
    if (this.#access !== undefined && this.#clock.monotonic() - this.#readAt < this.#refresh) return this.#access;
    this.#reading ??= this.#credentials().finally(() => {
      this.#reading = undefined;
    });
    try {
      this.#access = await this.#reading;
      this.#readAt = this.#clock.monotonic();
    } catch (error) {
      // A token file in the middle of its rotation must not fail calls that the old token would still serve.
      if (this.#access === undefined) throw error;
      this.#log.warn('credentials cannot be read anew; using the old ones', { error: messageOf(error) });
    }
    return this.#access;
  }

  /** Connections are bound to a client certificate and a CA: when either changes, new agents take over and the old ones drain. */
  #agentsFor(access: Access): Agents {
    if (this.#closed) throw new Error('the client is closed');
    // Almost every request: comparing certificates each time would cost more than the request.
    if (this.#agents !== undefined && this.#agentsOf === access) return this.#agents;
    const { server, tls } = access;
    this.#agentsOf = access;
    const key = JSON.stringify([server.host, tls], (_, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString('base64') : value,
    );
    if (this.#agents?.key === key) return this.#agents;
    const old = this.#agents;
    // HTTP/1.1 on purpose: one slow stream must not hold back the calls that share its connection.
    const common = { allowH2: false, connect: tls, connectTimeout: 10_000, headersTimeout: 0, bodyTimeout: 0 };
    this.#agents = {
      key,
      // Above the server's own idle time-out a reused connection would more often be one that it has just closed.
      call: new Agent({ ...common, connections: this.#connections, keepAliveTimeout: 30_000 }),
      stream: new Agent(common),
    };
    if (old !== undefined) void this.#drain(old);
    return this.#agents;
  }

  async #drain(old: Agents): Promise<void> {
    try {
      await Promise.all([old.call.close(), old.stream.close()]);
    } catch (error) {
      this.#log.debug('old connections did not close cleanly', { error: messageOf(error) });
    }
  }
}
