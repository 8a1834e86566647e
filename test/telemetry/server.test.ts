import { afterEach, expect, test } from 'vitest';
import { Registry } from '../../operator/telemetry/registry.ts';
import { type RunningServer, serveHealth, serveMetrics } from '../../operator/telemetry/server.ts';

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

test('debug pages are there only when given; what they throw stays inside', async () => {
  const registry = new Registry({ processMetrics: false });
  const closed = await serveMetrics(LOOPBACK, registry);
  const errors: unknown[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (_: string, fields?: object) => errors.push(fields),
    child: () => log,
  };
  const debug = {
    '/debug/plan': () => ({ jobs: 3 }),
    '/debug/broken': () => {
      throw new Error('secret path');
    },
  };
  const opened = await serveMetrics(LOOPBACK, registry, { debug, log });
  running.push(closed, opened);
  expect(await get(closed, '/debug/plan')).toMatchObject({ status: 404 });
  expect(await get(opened, '/debug/plan')).toMatchObject({ status: 200, type: 'application/json', body: '{"jobs":3}' });
  expect(await get(opened, '/debug/broken')).toMatchObject({ status: 500, body: 'failed\n' });
  expect(errors).toEqual([{ url: '/debug/broken', error: 'secret path' }]);
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
