import { expect, test } from 'vitest';
import { type Delta, Store } from '../../operator/kube/store.ts';
import { type Thing, thing } from './things.ts';

function watched(): { store: Store<Thing, 'color'>; deltas: string[] } {
  const store = new Store<Thing, 'color'>({
    indexers: { color: ({ spec }) => (spec?.color === undefined ? [] : [spec.color]) },
  });
  const deltas: string[] = [];
  store.subscribe(({ type, key, object }: Delta<Thing>) => deltas.push(`${type} ${key} ${object.metadata.uid}`));
  return { store, deltas };
}

test('objects are found by key and by index, and leave both', () => {
  const { store } = watched();
  store.upsert(thing('x', 1, { color: 'red' }));
  store.upsert(thing('y', 2, { color: 'red' }));
  expect(store.get('a/x')?.metadata.resourceVersion).toBe('1');
  expect(store.get({ namespace: 'a', name: 'y' })?.metadata.name).toBe('y');
  expect(store.by('color', 'red').map(({ metadata }) => metadata.name)).toEqual(['x', 'y']);
  store.upsert(thing('x', 3, { color: 'blue' }));
  expect(store.by('color', 'red').map(({ metadata }) => metadata.name)).toEqual(['y']);
  store.remove(thing('y', 4));
  expect(store.by('color', 'red')).toEqual([]);
  expect(store.list().map(({ metadata }) => metadata.name)).toEqual(['x']);
});

test('a replacement tells of deletes that nobody saw', () => {
  const { store, deltas } = watched();
  store.replace([thing('x', 1), thing('y', 2)], '5');
  store.replace([thing('y', 2), thing('z', 7)], '9');
  expect(deltas).toEqual(['add a/x x', 'add a/y y', 'add a/z z', 'delete a/x x']);
});

test('an object re-created under its name is a delete and an add', () => {
  const { store, deltas } = watched();
  store.replace([thing('x', 1, {}, 'old')], '1');
  store.upsert(thing('x', 3, {}, 'new'));
  expect(deltas).toEqual(['add a/x old', 'delete a/x old', 'add a/x new']);
});

test('the same version again is told to nobody', () => {
  const { store, deltas } = watched();
  store.upsert(thing('x', 1));
  store.upsert(thing('x', 1));
  store.upsert(thing('x', 2));
  expect(deltas).toEqual(['add a/x x', 'update a/x x']);
});

test('managedFields are dropped before the transform sees the object', () => {
  const seen: unknown[] = [];
  const store = new Store<Thing>({
    transform: (object) => {
      seen.push(object.metadata.managedFields);
      return { ...object, spec: { color: 'painted' } };
    },
  });
  const raw = thing('x', 1);
  store.upsert({ ...raw, metadata: { ...raw.metadata, managedFields: [{}] } });
  expect(seen).toEqual([undefined]);
  expect(store.get('a/x')).toEqual({ ...raw, spec: { color: 'painted' } });
});

test('the newest version follows events and bookmarks up, and a list also down', () => {
  const { store } = watched();
  expect(store.newestVersion).toBeUndefined();
  store.replace([], '10');
  store.bookmark('9');
  expect(store.newestVersion).toBe('10');
  store.upsert(thing('x', '100'));
  expect(store.newestVersion).toBe('100');
  store.replace([], '50');
  expect(store.newestVersion).toBe('50');
});

test('synced resolves with the first list, not with an event', async () => {
  const { store } = watched();
  store.upsert(thing('x', 1));
  expect(store.isSynced).toBe(false);
  store.replace([], '1');
  await store.synced;
  expect(store.isSynced).toBe(true);
});

test('nothing that is handed in can stop the store', () => {
  const errors: unknown[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (m: string) => errors.push(m),
    child: () => log,
  };
  const fail = (): never => {
    throw new Error('no');
  };
  const store = new Store<Thing, 'bad'>({ log, transform: fail, indexers: { bad: fail } });
  const heard: string[] = [];
  store.subscribe(fail);
  store.subscribe(({ key }) => heard.push(key));
  store.upsert(thing('x', 1));
  expect(store.get('a/x')).toBeDefined();
  expect(heard).toEqual(['a/x']);
  expect(errors).toHaveLength(3);
});

test('a late subscriber hears of what is there already, and may leave', () => {
  const { store } = watched();
  store.upsert(thing('x', 1));
  const heard: string[] = [];
  const leave = store.subscribe(({ type, key }) => heard.push(`${type} ${key}`));
  leave();
  store.upsert(thing('y', 2));
  expect(heard).toEqual(['add a/x']);
});
