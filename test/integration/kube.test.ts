import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Applier, fieldConflicts } from '../../operator/kube/apply.ts';
import type { Client } from '../../operator/kube/client.ts';
import { type Credentials, findCredentials } from '../../operator/kube/credentials.ts';
import {
  AlreadyExistsError,
  ConflictError,
  DeniedError,
  InvalidError,
  NotFoundError,
} from '../../operator/kube/errors.ts';
import { EVENTS, type EventObject } from '../../operator/kube/eventObject.ts';
import { EventRecorder } from '../../operator/kube/events.ts';
import { addFinalizer, removeFinalizer } from '../../operator/kube/finalizers.ts';
import { Fresh } from '../../operator/kube/fresh.ts';
import { connect } from '../../operator/kube/httpClient.ts';
import { LeaderElector } from '../../operator/kube/lease.ts';
import { LEASES } from '../../operator/kube/leaseRecord.ts';
import { Reflector } from '../../operator/kube/reflector.ts';
import { type Resource, referenceTo } from '../../operator/kube/resource.ts';
import { Store } from '../../operator/kube/store.ts';
import type { KubeObject } from '../../operator/kube/types.ts';
import { up } from '../cluster/api.ts';
import type { Hooks } from '../support/faultPlan.ts';
import { FaultProxy } from '../support/faultProxy.ts';
import { until } from '../support/until.ts';

type ConfigMap = KubeObject & { data?: Record<string, string> };
type Pod = KubeObject & { spec?: unknown; status?: { message?: string; phase?: string } };
const core = { group: '', version: 'v1' };
const NAMESPACES: Resource = { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false };
const MAPS: Resource<ConfigMap> = { ...core, plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
const PODS: Resource<Pod> = { ...core, plural: 'pods', kind: 'Pod', namespaced: true };

const namespace = `kube-${Date.now().toString(36)}`;
let kubeconfig: string;
let credentials: Credentials;
let client: Client;

beforeAll(async () => {
  const cluster = await up();
  kubeconfig = cluster.kubeconfig;
  credentials = await findCredentials({ kubeconfig });
  client = connect({ credentials });
  await client.create(NAMESPACES, { metadata: { name: namespace } });
});
afterAll(async () => {
  await client.delete(NAMESPACES, { name: namespace });
  await client.close();
});

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

function map(name: string, color: string): ConfigMap {
  return { metadata: { name, namespace, labels: { suite: 'kube' } }, data: { color } };
}

/** A client whose every call goes through a proxy with these hooks. */
async function through(hooks: Hooks): Promise<{ proxy: FaultProxy; proxied: Client }> {
  const { server, tls } = await credentials();
  const proxy = await FaultProxy.start({ upstream: server.href, tls, hooks });
  const proxied = connect({
    credentials: () => Promise.resolve({ server: new URL(proxy.url), headers: {}, tls: { ca: proxy.ca } }),
  });
  cleanUp.push(
    () => proxy.close(),
    () => proxied.close(),
  );
  return { proxy, proxied };
}

function reflect(from: Client, pageSize = 500): Store<ConfigMap> {
  const store = new Store<ConfigMap>();
  const selection = { namespace, labelSelector: 'suite=kube' };
  const reflector = new Reflector({
    client: from,
    resource: MAPS,
    store,
    selection,
    pageSize,
    backoff: { base: 20, max: 100 },
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  cleanUp.push(() => {
    abort.abort();
    return running;
  });
  return store;
}

const colors = (store: Store<ConfigMap>): string => {
  const all = store.list().map(({ metadata, data }) => `${metadata.name}=${data?.['color']}`);
  return all.sort().join(' ');
};

test('the reflector follows by WatchList, by pages where that is refused, and through broken watches', async () => {
  const asked: string[] = [];
  const { proxied: refusing } = await through({
    before: (_, { path }) => {
      asked.push(path);
      return path.includes('sendInitialEvents') ? { status: 422, body: { kind: 'Status', code: 422 } } : undefined;
    },
  });
  const { proxy, proxied: broken } = await through({});
  for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create(MAPS, map(name, 'red'));
  const stores = [reflect(client), reflect(refusing, 2), reflect(broken)];
  await Promise.all(stores.map(({ synced }) => synced));
  for (const store of stores) expect(colors(store)).toBe('a=red b=red c=red d=red e=red');
  expect(asked.filter((path) => path.includes('limit=2'))).toHaveLength(3);

  for (let round = 0; round < 3; round++) {
    proxy.breakWatches(round % 2 === 0 ? 'reset' : 'truncate');
    await client.mergePatch(MAPS, { namespace, name: 'a' }, { data: { color: `blue${round}` } });
    await until(() => stores.every((store) => colors(store).startsWith(`a=blue${round} `)));
  }
  await client.delete(MAPS, { namespace, name: 'b' });
  await client.create(MAPS, map('f', 'green'));
  await until(() => stores.every((store) => colors(store) === 'a=blue2 c=red d=red e=red f=green'));
  expect(stores[0]?.get(`${namespace}/a`)?.metadata.managedFields).toBeUndefined();
});

test('a write is fresh only when the store has seen it', async () => {
  const { proxy, proxied } = await through({});
  const store = reflect(proxied);
  await store.synced;
  const fresh = new Fresh();
  fresh.follow(MAPS, store);
  const release = proxy.holdWatches(() => true);
  const written = await client.create(MAPS, map('held', 'red'));
  fresh.wrote(MAPS, 'owner', written.metadata.resourceVersion);
  expect(fresh.check('owner').state).toBe('stale');
  expect(store.get(`${namespace}/held`)).toBeUndefined();
  release();
  await until(() => fresh.check('owner').state === 'fresh');
  expect(store.get(`${namespace}/held`)).toBeDefined();
});

test('refusals of the real server are the right errors', async () => {
  const ref = { namespace, name: 'errors' };
  const made = await client.create(MAPS, map('errors', 'red'));
  await expect(client.create(MAPS, map('errors', 'red'))).rejects.toBeInstanceOf(AlreadyExistsError);
  await expect(client.get(MAPS, { namespace, name: 'nothing' })).rejects.toBeInstanceOf(NotFoundError);
  await expect(client.create(MAPS, map('Not_A_Name', 'red'))).rejects.toMatchObject({
    constructor: InvalidError,
    causes: [{ field: 'metadata.name' }],
  });
  await client.mergePatch(MAPS, ref, { data: { color: 'blue' } });
  await expect(client.replace(MAPS, made)).rejects.toBeInstanceOf(ConflictError);
  await expect(client.delete(MAPS, ref, { uid: 'another' })).rejects.toBeInstanceOf(ConflictError);
  await client.delete(MAPS, ref, { uid: made.metadata.uid });
  await expect(client.get(MAPS, ref)).rejects.toBeInstanceOf(NotFoundError);

  const anonymous = connect({
    credentials: async () => ({ ...(await credentials()), tls: { ca: (await credentials()).tls.ca } }),
  });
  cleanUp.push(() => anonymous.close());
  await expect(anonymous.list(MAPS, { namespace })).rejects.toBeInstanceOf(DeniedError);
});

test('server-side apply: one owner per field, a version where order matters, status apart', async () => {
  const [mine, theirs] = [new Applier(client, 'mine'), new Applier(client, 'theirs')];
  const first = await mine.apply(MAPS, {
    metadata: { name: 'ssa', namespace },
    data: { color: 'red', size: 'big' },
  });
  const refused = await theirs.apply(MAPS, map('ssa', 'blue'), { force: false }).catch((error: unknown) => error);
  expect(fieldConflicts(refused)).toEqual([{ field: '.data.color', manager: 'mine' }]);
  await theirs.apply(MAPS, map('ssa', 'blue'));
  const left = await mine.apply(MAPS, { metadata: { name: 'ssa', namespace } });
  // What mine no longer states is removed; what it lost to another stays.
  expect(left.data).toEqual({ color: 'blue' });
  const stale = {
    metadata: { name: 'ssa', namespace, resourceVersion: first.metadata.resourceVersion },
    data: { size: 'x' },
  };
  await expect(mine.apply(MAPS, stale)).rejects.toBeInstanceOf(ConflictError);

  const spec = { schedulingGates: [{ name: 'example.dev/never' }], containers: [{ name: 'c', image: 'none' }] };
  await mine.apply(PODS, { metadata: { name: 'ssa', namespace }, spec });
  const status = { message: 'hello' };
  const pod = await mine.applyStatus(PODS, { metadata: { name: 'ssa', namespace }, status });
  expect(pod.status).toMatchObject({ message: 'hello', phase: 'Pending' });
  await client.delete(PODS, { name: 'ssa', namespace }, { gracePeriodSeconds: 0 });
});

test('finalizers hold an object, and change only over the version that was read', async () => {
  const made = await client.create(MAPS, map('final', 'red'));
  const held = await addFinalizer(client, MAPS, made, 'example.dev/one');
  const both = await addFinalizer(client, MAPS, held, 'example.dev/two');
  expect(both.metadata.finalizers).toEqual(['example.dev/one', 'example.dev/two']);
  await expect(addFinalizer(client, MAPS, made, 'example.dev/late')).rejects.toBeInstanceOf(ConflictError);
  await expect(removeFinalizer(client, MAPS, held, 'example.dev/one')).rejects.toBeInstanceOf(ConflictError);
  await expect(addFinalizer(client, MAPS, both, 'no name')).rejects.toBeInstanceOf(InvalidError);
  await client.delete(MAPS, { namespace, name: 'final' });
  let now = await client.get(MAPS, { namespace, name: 'final' });
  expect(now.metadata.deletionTimestamp).toBeDefined();
  for (const finalizer of ['example.dev/one', 'example.dev/two'])
    now = await removeFinalizer(client, MAPS, now, finalizer);
  await expect(client.get(MAPS, { namespace, name: 'final' })).rejects.toBeInstanceOf(NotFoundError);
});

const QUICK = { leaseDuration: 3000, renewDeadline: 2000, retryPeriod: 300 };

type Candidate = { leading: () => boolean; ended: Promise<string>; stop: () => void; elector: LeaderElector };
function candidate(from: Client, identity: string): Candidate {
  const elector = new LeaderElector({ client: from, namespace, name: 'lease', identity, ...QUICK });
  const abort = new AbortController();
  let leading = false;
  const ended = elector.run(abort.signal, (signal) => {
    leading = true;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        leading = false;
        resolve();
      });
    });
  });
  cleanUp.push(() => {
    abort.abort();
    return ended;
  });
  return { leading: () => leading, ended, stop: () => abort.abort(), elector };
}

test('the lease goes on: given back at a stop, taken over after a partition, taken back under the same name', async () => {
  let cut = false;
  const { proxied } = await through({ before: () => (cut ? 'drop' : undefined) });
  const one = candidate(client, 'one');
  await until(one.leading);
  const two = candidate(proxied, 'two');
  one.stop();
  expect(await one.ended).toBe('released');
  await until(two.leading);

  const three = candidate(client, 'three');
  cut = true;
  const both = (async () => {
    while (!three.leading()) {
      if (two.elector.held() && three.elector.held()) throw new Error('two leaders');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  expect(await two.ended).toBe('lost');
  await both;
  expect(three.elector.held()).toBe(true);
  const again = candidate(client, 'three');
  await until(again.leading);
  const lease = await client.get(LEASES, { namespace, name: 'lease' });
  expect(lease.spec).toMatchObject({ holderIdentity: 'three', leaseTransitions: 2 });
});

test('events arrive as series, regarding their object', async () => {
  const object = await client.create(MAPS, map('told', 'red'));
  const recorder = new EventRecorder({
    client,
    reportingController: 'example.dev/test',
    reportingInstance: 'vitest',
    seriesPeriod: 100,
  });
  const happening = {
    regarding: referenceTo(MAPS, object),
    type: 'Warning' as const,
    reason: 'Told',
    action: 'Tell',
    note: 'é'.repeat(1000),
  };
  const regarding = async (): Promise<EventObject[]> => {
    const { items } = await client.list(EVENTS, { namespace, fieldSelector: 'reason=Told' });
    return items;
  };
  recorder.record(happening);
  await recorder.flush();
  const [first] = await regarding();
  expect(first).toMatchObject({ regarding: { uid: object.metadata.uid }, reportingController: 'example.dev/test' });
  expect(first).not.toHaveProperty('series.count');
  for (let i = 0; i < 4; i++) {
    recorder.record(happening);
    await recorder.flush();
  }
  await until(async () => (await regarding())[0]?.series?.count === 5);
  expect(await regarding()).toHaveLength(1);
});
