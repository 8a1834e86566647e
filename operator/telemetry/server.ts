import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../kube/errors.ts';
import { type Log, silentLog } from '../kube/ports.ts';
import type { Registry } from './registry.ts';

/** `port` 0: any free one. */
export type Listen = { host: string; port: number };

type Answer = { status: number; contentType: string; body: string };
/** Answers a GET. What it throws becomes a 500 without detail. */
type Route = () => Answer | Promise<Answer>;

export type RunningServer = {
  /** Where it listens, also when any free port was asked for. */
  host: string;
  port: number;
  close(): Promise<void>;
};

export type MetricsServerOptions = {
  /** Debug pages by path, e.g. `/debug/plan`, served as JSON: none unless given, for they show every tenant's job names. */
  debug?: Readonly<Record<string, () => unknown>>;
  log?: Log;
};

/** `/metrics` and the debug pages. */
export function serveMetrics(
  listen: Listen,
  registry: Registry,
  { debug = {}, log }: MetricsServerOptions = {},
): Promise<RunningServer> {
  const routes = new Map<string, Route>();
  routes.set('/metrics', async () => ({ status: 200, contentType: registry.contentType, body: await registry.text() }));
  for (const [path, page] of Object.entries(debug)) {
    routes.set(path, async () => ({
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify(await page()),
    }));
  }
  return serve(listen, routes, log);
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
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
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
