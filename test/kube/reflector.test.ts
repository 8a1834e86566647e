import { afterEach, expect, test } from 'vitest';
import { noMeter } from '../../operator/kube/ports.ts';
import { Reflector } from '../../operator/kube/reflector.ts';
import { Store } from '../../operator/kube/store.ts';
import { until } from '../support/until.ts';
import { Endpoint, type Received, type Reply, status } from './endpoint.ts';
import { THINGS, type Thing, thing } from './things.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

type World = {
  endpoint: Endpoint;
  store: Store<Thing>;
  reflector: Reflector<Thing>;
  deltas: string[];
  names: () => string[];
};

async function reflect(script: Endpoint['script'], options: { pageSize?: number; idle?: number } = {}): Promise<World> {
  const endpoint = await Endpoint.start(script);
  const client = endpoint.client({ retries: 0 });
  const store = new Store<Thing>();
  const deltas: string[] = [];
  store.subscribe(({ type, key }) => deltas.push(`${type} ${key}`));
  const reflector = new Reflector({ client, resource: THINGS, store, backoff: { base: 1, max: 5 }, ...options });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  cleanUp.push(async () => {
    abort.abort();
    await running;
    await client.close();
    await endpoint.close();
  });
  const names = (): string[] =>
    store
      .list()
      .map(({ metadata }) => metadata.name)
      .sort();
  return { endpoint, store, reflector, deltas, names };
}

const refused = status(422, 'Invalid', { message: 'sendInitialEvents is forbidden' });
const isInitial = ({ query }: Received): boolean => query.has('sendInitialEvents');
const isWatch = ({ query }: Received): boolean => query.has('watch');

/** A server without WatchList: the list answers `items`, watches go to `watch`. */
function listing(items: () => Thing[], watch: (call: Received, n: number) => Reply): Endpoint['script'] {
  let watches = 0;
  return (call) => {
    if (isInitial(call)) return refused;
    if (isWatch(call)) return watch(call, ++watches);
    return { body: { metadata: { resourceVersion: '10' }, items: items() } };
  };
}
const quiet = { stream: () => undefined };

function bookmark(version: string, initialEnd = false): unknown {
  return {
    metadata: { resourceVersion: version, ...(initialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }) },
  };
}

test('WatchList: one request gives all there is, then what changes', async () => {
  const { endpoint, store, names } = await reflect(() => ({
    stream: (stream) => {
      stream.event('ADDED', thing('x', 1));
      stream.event('ADDED', thing('y', 2));
    },
  }));
  await until(() => endpoint.streams.length === 1);
  expect(store.isSynced).toBe(false);
  endpoint.streams[0]?.event('BOOKMARK', bookmark('5', true));
  await store.synced;
  expect(names()).toEqual(['x', 'y']);
  endpoint.streams[0]?.event('DELETED', thing('x', 6));
  await until(() => names().join() === 'y');
  endpoint.streams[0]?.event('BOOKMARK', bookmark('9'));
  await until(() => store.newestVersion === '9');
  expect(endpoint.received).toHaveLength(1);
  expect(Object.fromEntries(endpoint.received[0]?.query ?? [])).toMatchObject({
    watch: 'true',
    allowWatchBookmarks: 'true',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
  });
});

test('WatchList that ends early leaves the store as it was, and starts again', async () => {
  let streams = 0;
  const { store, names } = await reflect(() => ({
    stream: (stream) => {
      stream.event('ADDED', thing('x', 1));
      if (++streams === 1) stream.end();
      else stream.event('BOOKMARK', bookmark('5', true));
    },
  }));
  await store.synced;
  expect(streams).toBe(2);
  expect(names()).toEqual(['x']);
});

test('where WatchList is refused, pages are listed, and it is not asked for again', async () => {
  const pages: Record<string, Reply> = {
    '': { body: { metadata: { resourceVersion: '9', continue: 'two' }, items: [thing('x', 1)] } },
    two: { body: { metadata: { resourceVersion: '9', continue: '' }, items: [thing('y', 2)] } },
  };
  let gone = false;
  const { endpoint, names } = await reflect(
    (call) => {
      if (isInitial(call)) return refused;
      if (!isWatch(call)) return pages[call.query.get('continue') ?? ''] ?? {};
      if (gone) return quiet;
      gone = true;
      return status(410, 'Expired');
    },
    { pageSize: 1 },
  );
  await until(() => endpoint.of('WATCH').length === 3);
  expect(names()).toEqual(['x', 'y']);
  expect(endpoint.of('WATCH').map(({ query }) => query.get('resourceVersion'))).toEqual([null, '9', '9']);
  expect(endpoint.of('GET').map(({ query }) => `${query.get('limit')} ${query.get('continue')}`)).toEqual([
    '1 null',
    '1 two',
    '1 null',
    '1 two',
  ]);
});

const ERROR_410 = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
test.each<[string, Reply]>([
  ['as the status of the watch', status(410, 'Expired')],
  ['as an event inside the stream', { stream: (stream) => stream.event('ERROR', ERROR_410) }],
])('410 %s: everything is listed anew, and unseen deletes are told', async (_, reply) => {
  let items = [thing('x', 1), thing('y', 2)];
  const { endpoint, deltas } = await reflect(
    listing(
      () => items,
      (_, n) => {
        items = [thing('y', 2), thing('z', 8)];
        return n === 1 ? reply : quiet;
      },
    ),
  );
  await until(() => endpoint.of('WATCH').length === 3);
  expect(deltas).toEqual(['add a/x', 'add a/y', 'add a/z', 'delete a/x']);
});

test('410 for a continue token: the list starts again from its first page', async () => {
  let pages = 0;
  const { endpoint, store } = await reflect((call) => {
    if (isInitial(call)) return refused;
    if (isWatch(call)) return quiet;
    pages += 1;
    if (pages === 2) return status(410, 'Expired');
    const metadata = { resourceVersion: '9', ...(pages === 1 && { continue: 'old' }) };
    return { body: { metadata, items: [thing(`x${pages}`, pages)] } };
  });
  await store.synced;
  expect(endpoint.of('GET').map(({ query }) => query.get('continue'))).toEqual([null, 'old', null]);
  expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['x3']);
});

test.each<[string, Reply]>([
  ['500', status(500, 'InternalError')],
  ['429', { ...status(429, 'TooManyRequests'), headers: { 'retry-after': '0' } }],
  ['a reset connection', 'reset'],
  ['HTML', { status: 200, body: '<html>' }],
])('a list that fails with %s at the start is tried until it works', async (_, failure) => {
  let lists = 0;
  const { store, endpoint } = await reflect((call) => {
    if (isInitial(call)) return refused;
    if (isWatch(call)) return quiet;
    return ++lists <= 5 ? failure : { body: { metadata: { resourceVersion: '3' }, items: [thing('x', 1)] } };
  });
  await store.synced;
  await until(() => endpoint.of('WATCH').length === 2);
  expect(store.size).toBe(1);
});

test.each<[string, Reply]>([
  ['500', status(500, 'InternalError')],
  ['403', status(403, 'Forbidden')],
  ['a reset connection', 'reset'],
  ['a reset in the stream', { stream: (stream) => stream.reset() }],
  ['a clean end', { stream: (stream) => stream.end() }],
  ['an error event that is no 410', { stream: (stream) => stream.event('ERROR', { kind: 'Status', code: 500 }) }],
  [
    'half a line',
    {
      stream: (stream) => {
        stream.raw('{"type":"ADDED","object":{"metad');
        stream.end();
      },
    },
  ],
  ['a line that is no event', { stream: (stream) => stream.raw('{"hello":1}\n') }],
])('a watch that fails with %s goes on from where it was, without a list', async (_, failure) => {
  const { endpoint, names } = await reflect(
    listing(
      () => [thing('x', 1)],
      (_, n) => {
        if (n === 1) {
          return {
            stream: (stream) => {
              stream.event('ADDED', thing('y', 12));
              stream.end();
            },
          };
        }
        return n <= 4 ? failure : { stream: (stream) => stream.event('ADDED', thing('z', 15)) };
      },
    ),
  );
  await until(() => names().join() === 'x,y,z');
  expect(endpoint.of('GET')).toHaveLength(1);
  expect(endpoint.of('WATCH').map(({ query }) => query.get('resourceVersion'))).toEqual([
    null,
    '10',
    '12',
    '12',
    '12',
    '12',
  ]);
});

test('a silent watch is given up, and because silence is suspicious, everything is listed', async () => {
  const { endpoint } = await reflect(
    listing(
      () => [thing('x', 1)],
      () => quiet,
    ),
    { idle: 50 },
  );
  await until(() => endpoint.of('GET').length >= 2);
});

test('a watch that is fed is not given up', async () => {
  let fed = 0;
  const { endpoint } = await reflect(
    listing(
      () => [],
      () => ({
        stream: (stream) => {
          const timer = setInterval(() => {
            stream.event('BOOKMARK', bookmark(String(++fed + 100)));
            if (fed > 20) clearInterval(timer);
          }, 20);
        },
      }),
    ),
    { idle: 300 },
  );
  await until(() => fed > 20);
  expect(endpoint.of('GET')).toHaveLength(1);
});

test('the time of the last event is told, bookmarks included', async () => {
  const endpoint = await Endpoint.start(
    listing(
      () => [],
      () => ({ stream: (stream) => stream.event('BOOKMARK', bookmark('11')) }),
    ),
  );
  const seen: string[] = [];
  const meter = { ...noMeter, watchEvent: (resource: string) => seen.push(resource) };
  const client = endpoint.client();
  const reflector = new Reflector({ client, resource: THINGS, store: new Store<Thing>(), meter });
  expect(reflector.lastEvent).toBeUndefined();
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  await until(() => seen.length === 2);
  expect(seen).toEqual(['things.test.example', 'things.test.example']);
  expect(reflector.lastEvent).toBeGreaterThan(0);
  abort.abort();
  await running;
  await client.close();
  await endpoint.close();
});
