import { afterEach, expect, test } from 'vitest';
import { Applier, fieldConflicts } from '../../operator/kube/apply.ts';
import { ConflictError, InvalidError } from '../../operator/kube/errors.ts';
import { addFinalizer, removeFinalizer } from '../../operator/kube/finalizers.ts';
import { Endpoint, status } from './endpoint.ts';
import { THINGS, type Thing, thing } from './things.ts';

let endpoint: Endpoint;
afterEach(() => endpoint.close());

function held(...finalizers: string[]): Thing {
  const object = thing('x', 7);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
const TEST = { op: 'test', path: '/metadata/resourceVersion', value: '7' };

test('finalizers are added and removed over the version that was read', async () => {
  endpoint = await Endpoint.start(() => ({ body: thing('x', 8) }));
  const client = endpoint.client();
  await addFinalizer(client, THINGS, thing('x', 7), 'me');
  await addFinalizer(client, THINGS, held('other'), 'me');
  await removeFinalizer(client, THINGS, held('other', 'me'), 'me');
  expect(endpoint.received.map(({ body }) => body)).toEqual([
    [TEST, { op: 'add', path: '/metadata/finalizers', value: ['me'] }],
    [TEST, { op: 'add', path: '/metadata/finalizers/-', value: 'me' }],
    [TEST, { op: 'remove', path: '/metadata/finalizers/1' }],
  ]);
  await client.close();
});

test('nothing is sent when there is nothing to change', async () => {
  endpoint = await Endpoint.start();
  const client = endpoint.client();
  const object = held('me');
  expect(await addFinalizer(client, THINGS, object, 'me')).toBe(object);
  expect(await removeFinalizer(client, THINGS, object, 'other')).toBe(object);
  expect(endpoint.received).toEqual([]);
  await client.close();
});

test('a failed test is a conflict, a bad name is not', async () => {
  endpoint = await Endpoint.start((_, n) =>
    status(422, 'Invalid', n === 1 ? {} : { details: { causes: [{ field: 'metadata.finalizers' }] } }),
  );
  const client = endpoint.client();
  await expect(addFinalizer(client, THINGS, thing('x', 7), 'me')).rejects.toBeInstanceOf(ConflictError);
  await expect(addFinalizer(client, THINGS, thing('x', 7), 'not a name')).rejects.toBeInstanceOf(InvalidError);
  await client.close();
});

test('an applier states one manager, and tells whose fields stand in its way', async () => {
  const causes = [
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.spec.color' },
  ];
  endpoint = await Endpoint.start((_, n) =>
    n === 1 ? { body: thing('x', 8) } : status(409, 'Conflict', { details: { causes } }),
  );
  const client = endpoint.client();
  const applier = new Applier(client, 'me');
  await applier.applyStatus(THINGS, { metadata: { name: 'x', namespace: 'a', resourceVersion: '7' } });
  expect(endpoint.received[0]?.path).toMatch(/\/x\/status$/);
  expect(endpoint.received[0]?.query.toString()).toBe('fieldManager=me&force=true');
  const error = await applier.apply(THINGS, thing('x', 7), { force: false }).catch((thrown: unknown) => thrown);
  expect(endpoint.received[1]?.query.has('force')).toBe(false);
  expect(fieldConflicts(error)).toEqual([{ field: '.spec.color', manager: 'kubectl' }]);
  expect(fieldConflicts(new Error('other'))).toEqual([]);
  await client.close();
});
