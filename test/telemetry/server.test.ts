import { afterEach, expect, test } from 'vitest';
import { Registry } from '../../operator/telemetry/registry.ts';
import { type RunningServer, serveDebug, serveHealth, serveMetrics } from '../../operator/telemetry/server.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function get(
  server: RunningServer,
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(`http://${server.host}:${server.port}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

test('metrics are served as Prometheus reads them', async () => {
  const registry = new Registry({ processMetrics: false });
  registry.counter({ name: 'seen_total', help: 'Seen', labels: [] }).inc({});
  const server = await serveMetrics(LOOPBACK, registry);
  running.push(server);
  const { status, type, body } = await get(server, '/metrics?x=1');
  expect(status).toBe(200);
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(body).toContain('seen_total 1');
  expect(await get(server, '/metrics', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get(server, '/metrics', 'POST')).toMatchObject({ status: 405 });
});

test('debug pages are JSON; what they throw stays inside; what is not there now is said so', async () => {
  const errors: unknown[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (_: string, fields?: object) => errors.push(fields),
    child: () => log,
  };
  const pages = {
    '/debug/plan': () => ({ jobs: 3 }),
    '/debug/absent': () => undefined,
    '/debug/broken': () => {
      throw new Error('secret path');
    },
  };
  const server = await serveDebug(LOOPBACK, pages, log);
  running.push(server);
  expect(await get(server, '/debug/plan')).toMatchObject({ status: 200, type: 'application/json', body: '{"jobs":3}' });
  expect(await get(server, '/debug/plan', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get(server, '/debug/absent')).toMatchObject({ status: 503, type: 'text/plain' });
  expect(await get(server, '/debug/broken')).toMatchObject({ status: 500, body: 'failed\n' });
  expect(await get(server, '/metrics')).toMatchObject({ status: 404 });
  expect(errors).toEqual([{ url: '/debug/broken', error: 'secret path' }]);
});

test('a long page comes whole, and lets others have a turn', async () => {
  const long = { list: Array.from({ length: 20_000 }, (_, i) => ({ uid: `uid-${i}`, text: 'äöü '.repeat(10) })) };
  const server = await serveDebug(LOOPBACK, { '/debug/plan': () => long });
  running.push(server);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 0);
  const { body } = await get(server, '/debug/plan');
  clearInterval(ticking);
  expect(body).toBe(JSON.stringify(long));
  expect(turns).toBeGreaterThan(1);
});

test('health answers for now, not for the time at which it was asked first', async () => {
  let ready = false;
  const server = await serveHealth(LOOPBACK, { alive: () => true, ready: () => ready });
  running.push(server);
  expect(await get(server, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await get(server, '/readyz')).toMatchObject({ status: 503, body: 'not ok\n' });
  ready = true;
  expect(await get(server, '/readyz')).toMatchObject({ status: 200 });
  expect(await get(server, '/metrics')).toMatchObject({ status: 404 });
});

test('a port that is taken is an error of the start', async () => {
  const server = await serveHealth(LOOPBACK, { alive: () => true, ready: () => true });
  running.push(server);
  const again = serveHealth({ host: server.host, port: server.port }, { alive: () => true, ready: () => true });
  await expect(again).rejects.toThrow('EADDRINUSE');
});
