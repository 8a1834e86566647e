import { afterEach, expect, test } from 'vitest';
import { eventName, truncateNote } from '../../operator/kube/eventObject.ts';
import { EventRecorder, type EventRecorderOptions, type Happening } from '../../operator/kube/events.ts';
import { Endpoint, type Reply, status } from './endpoint.ts';
import { ManualClock } from './manualClock.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

type World = { endpoint: Endpoint; clock: ManualClock; recorder: EventRecorder; sent: () => string[] };

async function setUp(
  script: () => Reply = () => ({ status: 201 }),
  options: Partial<EventRecorderOptions> = {},
): Promise<World> {
  const endpoint = await Endpoint.start(script);
  const clock = new ManualClock();
  const client = endpoint.client();
  const recorder = new EventRecorder({
    client,
    reportingController: 'test.example/c',
    reportingInstance: 'pod-0',
    clock,
    ...options,
  });
  cleanUp.push(async () => {
    await recorder.flush();
    await client.close();
    await endpoint.close();
  });
  const sent = (): string[] =>
    endpoint.received.map(({ method, body }) => {
      const { note, series } = body as { note?: string; series?: { count: number } };
      return `${method} ${note ?? ''} ${series?.count ?? 1}`;
    });
  return { endpoint, clock, recorder, sent };
}

function happening(note: string, name = 'x'): Happening {
  const regarding = { apiVersion: 'test.example/v1', kind: 'Thing', name, namespace: 'a', uid: name };
  return { regarding, type: 'Normal', reason: 'Started', action: 'Start', note };
}

test('an event is complete as events.k8s.io/v1 wants it', async () => {
  const { endpoint, recorder } = await setUp();
  recorder.record(happening('hello'));
  await recorder.flush();
  expect(endpoint.received[0]).toMatchObject({ method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/a/events' });
  expect(endpoint.received[0]?.body).toMatchObject({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: 'a', name: expect.stringMatching(/^x\.[0-9a-f]+$/) as string },
    eventTime: '2030-01-01T00:00:00.000000Z',
    reportingController: 'test.example/c',
    reportingInstance: 'pod-0',
    regarding: { kind: 'Thing', name: 'x', uid: 'x' },
    type: 'Normal',
    reason: 'Started',
    action: 'Start',
    note: 'hello',
  });
  expect(endpoint.received[0]?.body).not.toHaveProperty('series');
});

test('a repetition is a series: the first is told at once, further ones once a period', async () => {
  const { endpoint, clock, recorder, sent } = await setUp();
  recorder.record(happening('hello'));
  await recorder.flush();
  recorder.record(happening('hello'));
  await recorder.flush();
  expect(sent()).toEqual(['POST hello 1', 'PATCH  2']);
  expect(endpoint.received[1]?.path).toMatch(/\/events\/x\.[0-9a-f]+$/);
  for (let i = 0; i < 5; i++) recorder.record(happening('hello'));
  clock.advance(59_999);
  expect(clock.timers).toBe(1);
  clock.advance(1);
  await recorder.flush();
  expect(sent().slice(2)).toEqual(['PATCH  7']);
});

test('a flush writes the count that is still waiting for its period', async () => {
  const { recorder, sent } = await setUp();
  for (let i = 0; i < 2; i++) {
    recorder.record(happening('hello'));
    await recorder.flush();
  }
  for (let i = 0; i < 3; i++) recorder.record(happening('hello'));
  await recorder.flush();
  expect(sent()).toEqual(['POST hello 1', 'PATCH  2', 'PATCH  5']);
});

test('another note, another object, or a long pause is another event', async () => {
  const { clock, recorder, sent } = await setUp();
  recorder.record(happening('one'));
  recorder.record(happening('two'));
  recorder.record(happening('one', 'y'));
  clock.advance(360_000);
  recorder.record(happening('one'));
  await recorder.flush();
  expect(sent()).toEqual(['POST one 1', 'POST two 1', 'POST one 1', 'POST one 1']);
});

test('an object that makes too many events is silenced, others are not', async () => {
  const { clock, recorder, sent } = await setUp();
  for (let i = 0; i < 40; i++) recorder.record(happening(`note ${i}`));
  recorder.record(happening('quiet one', 'y'));
  await recorder.flush();
  expect(sent()).toHaveLength(26);
  clock.advance(300_000);
  for (let i = 0; i < 3; i++) recorder.record(happening(`later ${i}`));
  await recorder.flush();
  expect(sent().slice(26)).toEqual(['POST later 0 1']);
});

test('a series that the server has forgotten starts again', async () => {
  let forget = false;
  const { recorder, sent } = await setUp(() => {
    if (!forget) return { status: 201 };
    forget = false;
    return status(404, 'NotFound');
  });
  recorder.record(happening('hello'));
  await recorder.flush();
  forget = true;
  recorder.record(happening('hello'));
  await recorder.flush();
  expect(sent()).toEqual(['POST hello 1', 'PATCH  2', 'POST hello 2']);
});

test('a server that refuses events hurts nobody', async () => {
  const { recorder, sent } = await setUp(() => status(403, 'Forbidden'));
  recorder.record(happening('one'));
  recorder.record(happening('two'));
  await recorder.flush();
  expect(sent()).toHaveLength(2);
});

test('events of cluster-scoped objects go to the default namespace', async () => {
  const { endpoint, recorder } = await setUp();
  const { namespace: _, ...regarding } = happening('n').regarding;
  recorder.record({ ...happening('n'), regarding });
  await recorder.flush();
  expect(endpoint.received[0]?.path).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
});

test('notes are cut at 1,024 bytes, between characters', () => {
  expect(truncateNote('short')).toBe('short');
  for (const character of ['a', 'é', '漢', '😀']) {
    const cut = truncateNote(character.repeat(2000));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(1018);
    expect(cut.replaceAll(character, '')).toBe('…');
  }
});

test('names of events differ and fit', () => {
  expect(eventName('x', 5, 1)).not.toBe(eventName('x', 5, 2));
  expect(eventName('x'.repeat(253), Date.now(), 1)).toHaveLength(253);
});
