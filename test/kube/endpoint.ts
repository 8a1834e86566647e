import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Client } from '../../operator/kube/client.ts';
import type { Credentials } from '../../operator/kube/credentials.ts';
import { type ConnectOptions, connect } from '../../operator/kube/httpClient.ts';
import { resets } from '../support/reset.ts';
import { type Identity, selfSigned } from '../support/selfSigned.ts';

export type Received = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Parsed JSON; undefined if there was none. */
  body: unknown;
};

/** An open watch, as the server writes it. */
export type OpenStream = {
  event(type: string, object: unknown): void;
  raw(text: string): void;
  end(): void;
  reset(): void;
};

export type Reply =
  | { status?: number; headers?: Record<string, string>; body?: unknown }
  | { stream: (stream: OpenStream) => void }
  /** Never an answer; a connection that breaks. */
  | 'hang'
  | 'reset';

let identity: Identity | undefined;

/** An HTTPS endpoint on loopback that answers as a test's script says: for faults that no real API server shows on demand. */
export class Endpoint {
  readonly received: Received[] = [];
  readonly streams: OpenStream[] = [];
  /** Connections accepted so far. */
  connections = 0;
  /** Token that `credentials` hand out. */
  token = 'first';
  script: (call: Received, n: number) => Reply | Promise<Reply>;
  readonly #server: Server;
  readonly #reset: (response: ServerResponse) => void;

  private constructor(script: Endpoint['script'], server: Server) {
    this.script = script;
    this.#server = server;
    this.#reset = resets(server);
  }

  static async start(script: Endpoint['script'] = () => ({ status: 404 })): Promise<Endpoint> {
    identity ??= selfSigned();
    const server = createServer(identity);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = new Endpoint(script, server);
    server.on('secureConnection', () => (endpoint.connections += 1));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      endpoint.#serve(request, response).catch(() => response.destroy());
    });
    return endpoint;
  }

  get url(): URL {
    return new URL(`https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  readonly credentials: Credentials = () =>
    Promise.resolve({
      server: this.url,
      headers: { authorization: `Bearer ${this.token}` },
      tls: { ca: identity?.cert ?? '' },
    });

  client(options: Partial<ConnectOptions> = {}): Client {
    return connect({ credentials: this.credentials, qps: 10_000, burst: 10_000, ...options });
  }

  /** The requests of one method, or the watches. */
  of(method: string): Received[] {
    return this.received.filter((call) => (call.query.has('watch') ? 'WATCH' : call.method) === method);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const url = new URL(request.url ?? '/', this.url);
    const call: Received = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: body === '' ? undefined : JSON.parse(body),
    };
    this.received.push(call);
    const reply = await this.script(call, this.received.length);
    if (reply === 'hang') return;
    if (reply === 'reset') {
      this.#reset(response);
      return;
    }
    if ('stream' in reply) {
      this.#open(response, reply.stream);
      return;
    }
    const { status = 200, headers = {}, body: answer = {} } = reply;
    const isText = typeof answer === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
    response.end(isText ? answer : JSON.stringify(answer));
  }

  #open(response: ServerResponse, opened: (stream: OpenStream) => void): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const stream: OpenStream = {
      event: (type, object) => response.write(`${JSON.stringify({ type, object })}\n`),
      raw: (text) => response.write(text),
      end: () => response.end(),
      reset: () => this.#reset(response),
    };
    this.streams.push(stream);
    opened(stream);
  }
}

/** The body of a refusal. */
export function status(
  code: number,
  reason: string,
  more: Record<string, unknown> = {},
): { status: number; body: unknown } {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `${reason}!`, ...more },
  };
}
