import { expect, test } from 'vitest';
import { Controller, type Reconcile, TerminalError } from '../../operator/kube/controller.ts';
import { ThrottledError } from '../../operator/kube/errors.ts';
import { noMeter } from '../../operator/kube/ports.ts';
import { Store } from '../../operator/kube/store.ts';
import { until } from '../support/until.ts';
import { ManualClock } from './manualClock.ts';
import { type Thing, thing } from './things.ts';

type World = {
  clock: ManualClock;
  controller: Controller;
  outcomes: string[];
  stop: () => Promise<void>;
};

function run(reconcile: Reconcile, options: { concurrency?: number; timeout?: number } = {}): World {
  const clock = new ManualClock();
  const outcomes: string[] = [];
  const meter = {
    ...noMeter,
    controller: () => ({ reconciled: (outcome: string) => outcomes.push(outcome), active: () => undefined }),
  };
  const controller = new Controller({ name: 'test', reconcile, clock, meter, ...options });
  const abort = new AbortController();
  const ended = controller.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await ended;
  };
  return { clock, controller, outcomes, stop };
}

test('an error is tried again with a growing delay, until it works', async () => {
  let calls = 0;
  const world = run(() => {
    calls += 1;
    if (calls < 3) throw new Error('not yet');
    return Promise.resolve(undefined);
  });
  world.controller.enqueue('a/x');
  await until(() => calls === 1);
  await until(() => world.clock.timers > 0);
  world.clock.advance(5);
  await until(() => calls === 2);
  await until(() => world.clock.timers > 0);
  world.clock.advance(9);
  expect(calls).toBe(2);
  world.clock.advance(1);
  await until(() => world.outcomes.length === 3);
  expect(world.outcomes).toEqual(['error', 'error', 'success']);
  await world.stop();
});

test('a terminal error is not tried again, but a new change is', async () => {
  let calls = 0;
  const world = run(() => {
    calls += 1;
    throw new TerminalError('never');
  });
  world.controller.enqueue('a/x');
  await until(() => world.outcomes.length === 1);
  world.clock.advance(10_000_000);
  expect(calls).toBe(1);
  world.controller.enqueue('a/x');
  await until(() => world.outcomes.length === 2);
  expect(world.outcomes).toEqual(['terminal_error', 'terminal_error']);
  await world.stop();
});

test('a result may ask for another look', async () => {
  let calls = 0;
  const world = run(() => Promise.resolve(++calls === 1 ? { requeueAfter: 1000 } : undefined));
  world.controller.enqueue('a/x');
  await until(() => world.outcomes.length === 1);
  world.clock.advance(999);
  expect(calls).toBe(1);
  world.clock.advance(1);
  await until(() => world.outcomes.length === 2);
  expect(world.outcomes).toEqual(['requeue_after', 'success']);
  await world.stop();
});

test('a throttled reconcile waits as the server asked', async () => {
  let calls = 0;
  const world = run(() => {
    calls += 1;
    throw new ThrottledError('GET /', 429, {}, { retryAfter: 7000 });
  });
  world.controller.enqueue('a/x');
  await until(() => world.outcomes.length === 1);
  world.clock.advance(6999);
  expect(calls).toBe(1);
  world.clock.advance(1);
  await until(() => calls === 2);
  await world.stop();
});

test('one key is never worked on twice at a time, different keys are', async () => {
  let atOnce = 0;
  let most = 0;
  const running = new Set<string>();
  const gates: (() => void)[] = [];
  const world = run(
    async (key) => {
      expect(running.has(key)).toBe(false);
      running.add(key);
      most = Math.max(most, ++atOnce);
      await new Promise<void>((resolve) => gates.push(resolve));
      atOnce -= 1;
      running.delete(key);
      return undefined;
    },
    { concurrency: 2 },
  );
  for (const key of ['x', 'y', 'x', 'y', 'z']) world.controller.enqueue(key);
  await until(() => gates.length === 2);
  world.controller.enqueue('x');
  for (let freed = 0; freed < 4; freed++) {
    await until(() => gates.length > freed);
    gates[freed]?.();
  }
  await until(() => world.outcomes.length === 4);
  expect(world.outcomes).toEqual(['success', 'success', 'success', 'success']);
  expect(most).toBe(2);
  await world.stop();
});

test('a mistake in the program is counted as one and does not end the worker', async () => {
  const world = run((key) => {
    if (key === 'bad') throw new TypeError('undefined is not a function');
    return Promise.resolve(undefined);
  });
  world.controller.enqueue('bad');
  world.controller.enqueue('good');
  await until(() => world.outcomes.length === 2);
  expect(world.outcomes).toEqual(['panic', 'success']);
  await world.stop();
});

test('a reconcile that takes too long sees its signal abort', async () => {
  const world = run(
    (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    { timeout: 1000 },
  );
  world.controller.enqueue('x');
  await until(() => world.clock.timers === 1);
  world.clock.advance(1000);
  await until(() => world.outcomes.length === 1);
  expect(world.outcomes).toEqual(['timeout']);
  await world.stop();
});

test('workers wait for the stores, and a change enqueues the keys that its mapper names', async () => {
  const seen: string[] = [];
  const controller = new Controller({
    name: 'test',
    reconcile: (key) => {
      seen.push(key);
      return Promise.resolve(undefined);
    },
  });
  const store = new Store<Thing>();
  controller.watches(store, ({ object }) => (object.spec?.owner === undefined ? [] : [object.spec.owner]));
  const abort = new AbortController();
  const ended = controller.run(abort.signal);
  store.upsert(thing('x', 1, { owner: 'a/early' }));
  expect(seen).toEqual([]);
  store.replace([thing('x', 1, { owner: 'a/early' }), thing('y', 2, { owner: 'a/late' })], '2');
  await until(() => seen.length === 2);
  expect(seen.sort()).toEqual(['a/early', 'a/late']);
  abort.abort();
  await ended;
  store.upsert(thing('z', 3, { owner: 'a/after' }));
  expect(seen).toHaveLength(2);
});

test('shutdown lets the reconcile under way end, and ends without waiting for stores', async () => {
  const abort = new AbortController();
  let started = false;
  let ended = false;
  const controller = new Controller({
    name: 'test',
    reconcile: async (_, { signal }) => {
      started = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended = true;
      return undefined;
    },
  });
  const running = controller.run(abort.signal);
  controller.enqueue('x');
  await until(() => started);
  expect(ended).toBe(false);
  abort.abort();
  await running;
  const never = new Controller({ name: 'never', reconcile: () => Promise.resolve(undefined) }).watches(
    new Store<Thing>(),
  );
  await never.run(abort.signal);
  expect(ended).toBe(true);
});
