import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../kube/errors.ts';
import { type Log, silentLog } from '../kube/ports.ts';
import { jsonText } from './jsonText.ts';
import type { Registry } from './registry.ts';

/** `port` 0: any free one. */
export type Listen = { host: string; port: number };

/** A body in pieces is long: others have a turn between them. */
type Answer = { status: number; contentType: string; body: string | Iterable<string> };
/** Answers a GET. What it throws becomes a 500 without detail. */
type Route = () => Answer | Promise<Answer>;

export type RunningServer = {
  /** Where it listens, also when any free port was asked for. */
  host: string;
  port: number;
  close(): Promise<void>;
};

/** `/metrics`. */
export function serveMetrics(listen: Listen, registry: Registry, log?: Log): Promise<RunningServer> {
  const page: Route = async () => ({ status: 200, contentType: registry.contentType, body: await registry.text() });
  return serve(listen, new Map([['/metrics', page]]), log);
}

/** Debug pages by path, served as JSON; a page that is undefined is not there now. They show every tenant's job names. */
export function serveDebug(
  listen: Listen,
  pages: Readonly<Record<string, () => unknown>>,
  log?: Log,
): Promise<RunningServer> {
  const routes = Object.entries(pages).map(([path, page]): [string, Route] => {
    const answer = (): Answer => {
      const shown = page();
      if (shown === undefined)
        return plain(503, 'nothing to show: this replica does not lead, or has made no plan yet\n');
      return { status: 200, contentType: 'application/json', body: jsonText(shown) };
    };
    return [path, answer];
  });
  return serve(listen, new Map(routes), log);
}

/** `/healthz`: the process is worth keeping. `/readyz`: it is of use now. Only `ok` or not: no detail for whoever asks. */
export function serveHealth(
  listen: Listen,
  checks: { alive: () => boolean; ready: () => boolean },
): Promise<RunningServer> {
  const check = (holds: () => boolean): Route => {
    return () =>
      holds()
        ? { status: 200, contentType: 'text/plain', body: 'ok\n' }
        : { status: 503, contentType: 'text/plain', body: 'not ok\n' };
  };
  return serve(
    listen,
    new Map([
      ['/healthz', check(checks.alive)],
      ['/readyz', check(checks.ready)],
    ]),
  );
}

async function serve(
  { host, port }: Listen,
  routes: ReadonlyMap<string, Route>,
  log: Log = silentLog,
): Promise<RunningServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void respond(request, response, { routes, log });
  });
  await listening(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

type Site = { routes: ReadonlyMap<string, Route>; log: Log };

async function respond(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  const { status, contentType, body } = await answer(request, site);
  const isText = typeof body === 'string';
  response.writeHead(status, {
    'content-type': contentType,
    ...(isText && { 'content-length': Buffer.byteLength(body) }),
  });
  if (request.method === 'HEAD' || isText) response.end(request.method === 'HEAD' ? undefined : body);
  else await send(body, response, site);
}

async function send(body: Iterable<string>, response: ServerResponse, { log }: Site): Promise<void> {
  try {
    await pipeline(Readable.from(unhurried(body)), response);
  } catch (error) {
    // Whoever asked has hung up, or is told by a connection that breaks off that this is not all.
    log.info('a page was not sent in full', { error: messageOf(error) });
  }
}

async function* unhurried(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await setImmediate();
  }
}

async function answer({ method, url = '/' }: IncomingMessage, { routes, log }: Site): Promise<Answer> {
  const route = routes.get(url.split('?', 1)[0] ?? url);
  if (route === undefined) return plain(404, 'not found\n');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET\n');
  try {
    return await route();
  } catch (error) {
    // The caller may be anybody: the cause stays inside.
    log.error('a page failed', { url, error: messageOf(error) });
    return plain(500, 'failed\n');
  }
}

function plain(status: number, body: string): Answer {
  return { status, contentType: 'text/plain', body };
}
