import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Client } from '../../operator/kube/client.ts';
import { ConflictError, NetworkError, ServerError } from '../../operator/kube/errors.ts';
import { connect } from '../../operator/kube/httpClient.ts';
import type { WatchEvent } from '../../operator/kube/types.ts';
import { Endpoint } from '../kube/endpoint.ts';
import { THINGS, type Thing, thing } from '../kube/things.ts';
import { type Hooks, targetOf } from './faultPlan.ts';
import { FaultProxy } from './faultProxy.ts';
import { until } from './until.ts';

const X = { namespace: 'a', name: 'x' };
const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

type World = { upstream: Endpoint; proxy: FaultProxy; client: Client };

async function setUp(hooks: Hooks = {}): Promise<World> {
  const upstream = await Endpoint.start(({ query }) =>
    query.has('watch') ? { stream: () => undefined } : { body: thing('x', 2) },
  );
  const access = await upstream.credentials();
  const proxy = await FaultProxy.start({ upstream: upstream.url.href, tls: access.tls, hooks });
  const credentials = { server: new URL(proxy.url), headers: { authorization: 'Bearer mine' }, tls: { ca: proxy.ca } };
  const client = connect({ credentials: () => Promise.resolve(credentials) });
  cleanUp.push(
    () => upstream.close(),
    () => proxy.close(),
    () => client.close(),
  );
  return { upstream, proxy, client };
}

test('calls pass through with their identity, query, body and answer', async () => {
  const { upstream, client } = await setUp();
  expect((await client.create(THINGS, thing('x', 1), { fieldManager: 'me' })).metadata.resourceVersion).toBe('2');
  expect(upstream.received[0]).toMatchObject({ method: 'POST', body: { metadata: { name: 'x' } } });
  expect(upstream.received[0]?.query.get('fieldManager')).toBe('me');
  expect(upstream.received[0]?.headers.authorization).toBe('Bearer mine');
});

test('writes are counted; reads, leases and events are not', async () => {
  const seen: number[] = [];
  const { proxy, client } = await setUp({ before: (k) => void seen.push(k) });
  const others = (plural: string): typeof THINGS => ({ ...THINGS, plural });
  await client.create(THINGS, thing('x', 1));
  await client.get(THINGS, X);
  await client.create(others('events'), thing('x', 1));
  await client.replace(others('leases'), thing('x', 1));
  await client.mergePatch(THINGS, X, {});
  await client.delete(THINGS, X);
  expect(seen).toEqual([1, 0, 0, 0, 2, 3]);
  expect(proxy.writes.map(({ k, method }) => `${k} ${method}`)).toEqual(['1 POST', '2 PATCH', '3 DELETE']);
});

test('before: an answer in its place, or none; the API server sees nothing', async () => {
  const { upstream, client } = await setUp({
    before: (k) => (k === 1 ? { status: 500, body: { kind: 'Status', message: 'injected' } } : 'drop'),
  });
  await expect(client.create(THINGS, thing('x', 1))).rejects.toThrow('injected');
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(NetworkError);
  expect(upstream.received).toEqual([]);
});

test('after upstream: the write is done, and the client does not hear of it', async () => {
  const { upstream, client } = await setUp({
    afterUpstream: (k, _, response) => {
      expect(response.status).toBe(200);
      return k === 1 ? 'drop' : k === 2 ? { status: 504 } : undefined;
    },
  });
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(NetworkError);
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(ServerError);
  await client.create(THINGS, thing('x', 1));
  expect(upstream.received).toHaveLength(3);
});

test('after delivery: the client has its answer', async () => {
  const order: string[] = [];
  const { client } = await setUp({ afterDelivery: (k) => void order.push(`delivered ${k}`) });
  await client.create(THINGS, thing('x', 1));
  await until(() => order.length === 1);
  expect(order).toEqual(['delivered 1']);
});

test('a hook that waits holds the call up', async () => {
  const gate = Promise.withResolvers<undefined>();
  const { upstream, client } = await setUp({ before: () => gate.promise });
  const call = client.create(THINGS, thing('x', 1));
  await client.get(THINGS, X, { timeout: 50 }).catch(() => undefined);
  expect(upstream.received).toEqual([]);
  gate.resolve(undefined);
  await call;
  expect(upstream.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('calls and watches go to the API server that the hook names, and the others to the proxy’s own', async () => {
  const other = await Endpoint.start(({ query }) =>
    query.has('watch') ? { stream: (stream) => stream.event('ADDED', thing('there', 7)) } : { body: thing('there', 7) },
  );
  cleanUp.push(() => other.close());
  const { upstream, client } = await setUp({
    upstream: ({ method }) => (method === 'GET' ? other.url.href : undefined),
  });
  expect((await client.get(THINGS, X)).metadata.name).toBe('there');
  await client.create(THINGS, thing('x', 1));
  const { events } = watching(client);
  await until(() => events.length === 1);
  expect(events[0]?.object.metadata.name).toBe('there');
  expect(upstream.received.map(({ method }) => method)).toEqual(['POST']);
});

test('what hooks do to calls is counted, and what they do to elections is not', async () => {
  const { proxy, client } = await setUp({
    before: async (k) => {
      if (k === 2) return { status: 500 };
      if (k === 3) await delay(50);
      return undefined;
    },
    afterUpstream: (k) => (k === 4 ? 'drop' : undefined),
  });
  for (let k = 1; k <= 4; k += 1) await client.create(THINGS, thing('x', 1)).catch(() => undefined);
  expect(proxy.tally).toEqual({ answered: 2, delayed: 1, held: 0, lost: 0, conflicts: 0 });
  proxy.hooks = { before: () => 'drop' };
  const leases = { ...THINGS, plural: 'leases' };
  await expect(client.replace(leases, thing('x', 1))).rejects.toBeInstanceOf(NetworkError);
  expect(proxy.tally.answered).toBe(2);
});

test('conflicts are counted, also those of which the client does not hear', async () => {
  const { upstream, proxy, client } = await setUp({ afterUpstream: (k) => (k === 2 ? 'drop' : undefined) });
  upstream.script = () => ({ status: 409, body: { kind: 'Status', code: 409 } });
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(ConflictError);
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(NetworkError);
  expect(proxy.tally).toMatchObject({ conflicts: 2, answered: 1 });
});

function watching(client: Client): { events: WatchEvent<Thing>[]; ended: Promise<unknown> } {
  const events: WatchEvent<Thing>[] = [];
  const ended = (async () => {
    for await (const event of client.watch(THINGS, { timeoutSeconds: 60, idle: 60_000 })) events.push(event);
    return 'closed';
  })().catch((error: unknown) => error);
  return { events, ended };
}

test('a watch passes line by line, can be held by kind, filtered, and broken off', async () => {
  const { upstream, proxy, client } = await setUp({ watchLine: (_, line) => !line.includes('secret') });
  const { events, ended } = watching(client);
  await until(() => upstream.streams.length === 1);
  upstream.streams[0]?.event('ADDED', thing('x', 1));
  await until(() => events.length === 1);
  upstream.streams[0]?.event('ADDED', thing('secret', 2));
  upstream.streams[0]?.event('ADDED', thing('y', 3));
  await until(() => events.length === 2);

  const release = proxy.holdWatches(({ target }) => target?.plural === 'things');
  upstream.streams[0]?.event('ADDED', thing('z', 4));
  await client.get(THINGS, X);
  expect(events).toHaveLength(2);
  release();
  await until(() => events.length === 3);
  proxy.hooks = { watchLine: (_, line) => line.includes('secret') };
  upstream.streams[0]?.event('ADDED', thing('public', 5));
  upstream.streams[0]?.event('ADDED', thing('secret', 6));
  await until(() => events.length === 4);
  expect(events.map(({ object }) => object.metadata.name)).toEqual(['x', 'y', 'z', 'secret']);
  // One waited, and two never came.
  expect(proxy.tally).toMatchObject({ held: 1, lost: 2 });

  expect(proxy.breakWatches('reset', ({ target }) => target?.plural === 'others')).toBe(0);
  expect(proxy.breakWatches('truncate')).toBe(1);
  expect(await ended).toBeInstanceOf(NetworkError);
});

test('a watch that is reset is an error for its client, and ends upstream', async () => {
  const { upstream, proxy, client } = await setUp();
  const { ended } = watching(client);
  await until(() => upstream.streams.length === 1);
  await until(() => proxy.breakWatches('reset') === 1);
  expect(await ended).toMatchObject({ constructor: NetworkError, cause: { code: 'ECONNRESET' } });
});

test('a watch ends at the client when it ends upstream', async () => {
  const { upstream, client } = await setUp();
  const { ended } = watching(client);
  await until(() => upstream.streams.length === 1);
  upstream.streams[0]?.end();
  expect(await ended).toBe('closed');
});

test('an API server that is away is a broken connection', async () => {
  const { upstream, client } = await setUp();
  await upstream.close();
  await expect(client.create(THINGS, thing('x', 1))).rejects.toBeInstanceOf(NetworkError);
});

test.each([
  ['/api/v1/pods', { group: '', plural: 'pods' }],
  ['/api/v1/namespaces/a', { group: '', plural: 'namespaces', name: 'a' }],
  ['/api/v1/namespaces/a/status', { group: '', plural: 'namespaces', name: 'a', subresource: 'status' }],
  [
    '/api/v1/namespaces/a/pods/b/status?x=1',
    { group: '', plural: 'pods', namespace: 'a', name: 'b', subresource: 'status' },
  ],
  ['/apis/g/v1/things/x', { group: 'g', plural: 'things', name: 'x' }],
  ['/version', undefined],
])('%s names its target', (path, target) => {
  expect(targetOf(path)).toEqual(target);
});
