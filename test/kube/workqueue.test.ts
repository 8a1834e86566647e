import { expect, test } from 'vitest';
import type { QueueSample } from '../../operator/kube/ports.ts';
import { noMeter } from '../../operator/kube/ports.ts';
import { WorkQueue } from '../../operator/kube/workqueue.ts';
import { ManualClock } from './manualClock.ts';

function queue(options: { retryRate?: number; retryBurst?: number } = {}): { clock: ManualClock; queue: WorkQueue } {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue({ name: 'test', clock, ...options }) };
}

/** The next key if there is one now. */
function now(queue: WorkQueue): Promise<string | undefined> {
  return Promise.race([queue.next(), Promise.resolve().then(() => undefined)]);
}

test('a key is queued once, in the order of the first add', async () => {
  const { queue: q } = queue();
  for (const key of ['a', 'b', 'a', 'c', 'b']) q.add(key);
  expect(q.depth).toBe(3);
  expect([await q.next(), await q.next(), await q.next()]).toEqual(['a', 'b', 'c']);
});

test('a key added while a worker has it goes to nobody else, and comes back once when that worker is done', async () => {
  const { queue: q } = queue();
  q.add('a');
  await q.next();
  q.add('a');
  q.add('a');
  expect(q.depth).toBe(0);
  q.done('a');
  expect(await q.next()).toBe('a');
  q.done('a');
  expect(q.depth).toBe(0);
});

test('a worker that waits gets the next key', async () => {
  const { queue: q } = queue();
  const waiting = [q.next(), q.next()];
  q.add('a');
  q.add('b');
  expect(await Promise.all(waiting)).toEqual(['a', 'b']);
});

test('of several delays the earliest holds, once', async () => {
  const { clock, queue: q } = queue();
  q.addAfter('a', 100);
  q.addAfter('a', 50);
  q.addAfter('a', 200);
  clock.advance(49);
  expect(q.depth).toBe(0);
  clock.advance(1);
  expect(await q.next()).toBe('a');
  q.done('a');
  clock.advance(1000);
  expect(q.depth).toBe(0);
});

test('failures of a key double its delay until it is forgotten', () => {
  const { clock, queue: q } = queue();
  const delays: number[] = [];
  for (let i = 0; i < 4; i++) {
    const began = clock.monotonic();
    q.addRateLimited('a');
    while (q.depth === 0) clock.advance(1);
    delays.push(clock.monotonic() - began);
    void q.next();
    q.done('a');
  }
  expect(delays).toEqual([5, 10, 20, 40]);
  expect(q.failures('a')).toBe(4);
  q.forget('a');
  expect(q.failures('a')).toBe(0);
});

test('the delay that the server asked for is kept', () => {
  const { clock, queue: q } = queue();
  q.addRateLimited('a', 3000);
  clock.advance(2999);
  expect(q.depth).toBe(0);
  clock.advance(1);
  expect(q.depth).toBe(1);
});

test('retries of all keys together are limited', () => {
  const { clock, queue: q } = queue({ retryRate: 10, retryBurst: 2 });
  for (const key of ['a', 'b', 'c', 'd']) q.addRateLimited(key);
  clock.advance(5);
  expect(q.depth).toBe(2);
  clock.advance(95);
  expect(q.depth).toBe(3);
  clock.advance(100);
  expect(q.depth).toBe(4);
});

test('shutdown wakes workers, hands out what is queued, and takes nothing more', async () => {
  const { clock, queue: q } = queue();
  const waiting = q.next();
  q.shutDown();
  expect(await waiting).toBeUndefined();
  q.add('a');
  q.addAfter('b', 1);
  clock.advance(10);
  expect(await q.next()).toBeUndefined();

  const { queue: full } = queue();
  full.add('a');
  full.shutDown();
  expect(await full.next()).toBe('a');
  expect(await full.next()).toBeUndefined();
});

test('what a scrape sees: depth, and the age of work under way', async () => {
  const clock = new ManualClock();
  let sample: (() => QueueSample) | undefined;
  const meter = {
    ...noMeter,
    queue: (name: string, ask: () => QueueSample) => {
      sample = ask;
      return noMeter.queue(name, ask);
    },
  };
  const q = new WorkQueue({ name: 'test', clock, meter });
  for (const key of ['a', 'b', 'c']) q.add(key);
  await q.next();
  clock.advance(1000);
  await q.next();
  clock.advance(500);
  expect(sample?.()).toEqual({ depth: 1, unfinishedSeconds: 2, longestRunningSeconds: 1.5 });
});

test('a long backlog is handed out whole and in order', async () => {
  const { queue: q } = queue();
  const keys = Array.from({ length: 5000 }, (_, i) => `k${i}`);
  for (const key of keys) q.add(key);
  const out: (string | undefined)[] = [];
  while (q.depth > 0) out.push(await q.next());
  expect(out).toEqual(keys);
  expect(await now(q)).toBeUndefined();
});
