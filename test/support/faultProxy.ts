import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Access } from '../../operator/kube/credentials.ts';
import { splitLines } from '../../operator/kube/lines.ts';
import {
  type Hooks,
  isCountedWrite,
  type ProxiedRequest,
  type ProxiedResponse,
  type Tally,
  targetOf,
  type Verdict,
} from './faultPlan.ts';
import { resets } from './reset.ts';
import { selfSigned } from './selfSigned.ts';

export type FaultProxyOptions = {
  /** The API server, e.g. `https://127.0.0.1:6443`. */
  upstream: string;
  /**
   * The CA of its certificate; with a client certificate every call has that identity, without one the client's own
   * `Authorization` header is what counts.
   */
  tls: Access['tls'];
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  hooks?: Hooks;
  /** Which calls are counted. Default: every write but Leases and Events. */
  counts?: (request: ProxiedRequest) => boolean;
};

type Watch = { request: ProxiedRequest; response: ServerResponse; silent: boolean };

/** What an API server sends in a watch that began before all that it remembers. */
const TOO_OLD = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code: 410,
  reason: 'Expired',
  message: 'too old',
};

/** How a watch ends: well, after half a line, or with the word that its version is too old. */
const LAST_WORDS = {
  close: '',
  truncate: '{"type":"MODIFIED","object":{"metad',
  gone: `${JSON.stringify({ type: 'ERROR', object: TOO_OLD })}\n`,
} as const;

/** The same, or `reset`: by a TCP reset in the middle. */
export type Break = keyof typeof LAST_WORDS | 'reset';

/** Milliseconds from which on a hook counts as having delayed its call; less is the machine's own doing. */
const NOTICED = 25;

/** Headers of one hop, which the next hop sets for itself. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host'];

/**
 * An HTTPS proxy between a client and the API server that counts writes and breaks things as a test's hooks say. Watches are
 * passed on line by line as they come; everything else is held until it is complete.
 */
export class FaultProxy {
  /** May be exchanged at any time; calls under way keep what they began with, an open watch asks of each line anew. */
  hooks: Hooks;
  /** Counted writes so far, in order. */
  readonly writes: { k: number; method: string; path: string }[] = [];
  /** What was done so far. */
  readonly tally: Tally = { answered: 0, delayed: 0, held: 0, lost: 0, conflicts: 0 };
  readonly url: string;
  /** The CA that a client must trust (PEM). */
  readonly ca: string;
  readonly #options: FaultProxyOptions;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #reset: (response: ServerResponse) => void;
  readonly #watches = new Set<Watch>();
  readonly #holds = new Set<{ which: (request: ProxiedRequest) => boolean; over: Promise<void> }>();

  private constructor(options: FaultProxyOptions, server: Server, ca: string) {
    this.#options = options;
    this.hooks = options.hooks ?? {};
    this.#server = server;
    this.#reset = resets(server);
    const { address, port } = server.address() as AddressInfo;
    this.url = `https://${address}:${port}`;
    this.ca = ca;
    this.#agent = new Agent({ keepAlive: true, ...options.tls });
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const host = options.host ?? '127.0.0.1';
    const identity = selfSigned([host]);
    const server = createServer(identity);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const proxy = new FaultProxy(options, server, identity.cert);
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      proxy.#serve(incoming, response).catch(() => response.destroy());
    });
    return proxy;
  }

  /**
   * The lines of these watches wait, from the next one on that tells of an object, as on a connection that stalls; the answer
   * lets them flow again.
   */
  holdWatches(which: (request: ProxiedRequest) => boolean): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const hold = { which, over: promise };
    this.#holds.add(hold);
    return () => {
      this.#holds.delete(hold);
      resolve();
    };
  }

  /** Breaks these watches off. Answers how many. */
  breakWatches(how: Break, which: (request: ProxiedRequest) => boolean = () => true): number {
    const broken = [...this.#watches].filter(({ request }) => which(request));
    for (const { response } of broken) {
      if (how === 'reset') this.#reset(response);
      else response.end(LAST_WORDS[how]);
    }
    return broken.length;
  }

  /** Nothing comes any more on these watches, of those that are open now: what the API server sends is lost. */
  silenceWatches(which: (request: ProxiedRequest) => boolean = () => true): void {
    for (const watch of this.#watches) if (which(watch.request)) watch.silent = true;
  }

  /** Stops listening and breaks every connection. */
  async close(): Promise<void> {
    for (const { response } of this.#watches) response.destroy();
    this.#agent.destroy();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/';
    const request: ProxiedRequest = {
      method: incoming.method ?? 'GET',
      path,
      headers: incoming.headers,
      body: await buffer(incoming),
      target: targetOf(path),
    };
    const query = new URLSearchParams(path.split('?')[1] ?? '');
    const watching = query.get('watch') === 'true' || query.get('watch') === '1';
    await (watching ? this.#watch(request, response) : this.#call(request, response));
  }

  async #call(request: ProxiedRequest, response: ServerResponse): Promise<void> {
    const { hooks } = this;
    const k = (this.#options.counts ?? isCountedWrite)(request) ? this.writes.length + 1 : 0;
    if (k > 0) this.writes.push({ k, method: request.method, path: request.path });
    const before = await this.#asked(request, () => hooks.before?.(k, request));
    if (before !== undefined) {
      await this.#deliver(response, before);
      return;
    }
    const upstream = await this.#send(request, response);
    const answer = { status: upstream.statusCode ?? 502, headers: upstream.headers, body: await buffer(upstream) };
    if (answer.status === 409) this.#count('conflicts', request);
    const after = await this.#asked(request, () => hooks.afterUpstream?.(k, request, answer));
    await this.#deliver(response, after ?? answer);
    if (after === undefined) await hooks.afterDelivery?.(k, request, answer);
  }

  async #watch(request: ProxiedRequest, response: ServerResponse): Promise<void> {
    const before = await this.#asked(request, () => this.hooks.before?.(0, request));
    if (before !== undefined) {
      await this.#deliver(response, before);
      return;
    }
    const upstream = await this.#send(request, response);
    response.writeHead(upstream.statusCode ?? 502, endToEnd(upstream.headers));
    // The client learns that its watch is open before anything happens on it.
    response.flushHeaders();
    const watch = { request, response, silent: false };
    this.#watches.add(watch);
    try {
      for await (const { text, cut } of splitLines(upstream)) {
        await this.#held(request, text);
        if (watch.silent || (await this.hooks.watchLine?.(request, text)) === false) {
          if (isNews(text)) this.tally.lost += 1;
          continue;
        }
        if (response.destroyed || response.writableEnded) break;
        response.write(cut ? text : `${text}\n`);
      }
      response.end();
    } finally {
      this.#watches.delete(watch);
      upstream.destroy();
    }
  }

  async #held(request: ProxiedRequest, line: string): Promise<void> {
    if (!isNews(line)) return;
    for (const hold of this.#holds) {
      if (!hold.which(request)) continue;
      this.tally.held += 1;
      await hold.over;
    }
  }

  /** Asks a hook, and counts what it did to the call. */
  async #asked(request: ProxiedRequest, hook: () => Verdict | Promise<Verdict>): Promise<Verdict> {
    const began = performance.now();
    const verdict = await hook();
    if (verdict !== undefined) this.#count('answered', request);
    else if (performance.now() - began >= NOTICED) this.#count('delayed', request);
    return verdict;
  }

  #count(what: keyof Tally, { target }: ProxiedRequest): void {
    if (target?.plural !== 'leases') this.tally[what] += 1;
  }

  async #deliver(response: ServerResponse, answer: Exclude<Verdict, undefined> | ProxiedResponse): Promise<void> {
    if (answer === 'drop') {
      this.#reset(response);
      return;
    }
    const { status, headers = {}, body } = answer;
    const raw = Buffer.isBuffer(body);
    const bytes = raw ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const type: Record<string, string> = raw ? {} : { 'content-type': 'application/json' };
    response.writeHead(status, { ...type, ...endToEnd(headers), 'content-length': bytes.length });
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.end(bytes);
    });
  }

  /** The API server's answer as soon as its headers are there. A client that goes away ends the request upstream too. */
  #send(request: ProxiedRequest, response: ServerResponse): Promise<IncomingMessage> {
    const { method, path, headers, body } = request;
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.hooks.upstream?.(request) ?? this.#options.upstream);
      const length = body.length > 0 ? { 'content-length': String(body.length) } : {};
      const outgoing = httpsRequest(
        url,
        { method, agent: this.#agent, headers: { ...endToEnd(headers), ...length } },
        resolve,
      );
      outgoing.on('error', reject);
      response.on('close', () => {
        // After a complete answer the connection upstream is kept for the next call.
        if (!response.writableFinished) outgoing.destroy();
      });
      outgoing.end(body);
    });
  }
}

/** Whether a line of a watch tells of an object; bookmarks come by the clock. */
const isNews = (line: string): boolean => !line.startsWith('{"type":"BOOKMARK"');

function endToEnd(headers: Record<string, string | string[] | undefined>): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !HOP.includes(name.toLowerCase()),
  );
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}
