import { afterEach, beforeEach, expect, test } from 'vitest';
import { LeaderElector, type LeaseOptions } from '../../operator/kube/lease.ts';
import type { Lease } from '../../operator/kube/leaseRecord.ts';
import { until } from '../support/until.ts';
import { Endpoint, type Received, type Reply, status } from './endpoint.ts';
import { ManualClock } from './manualClock.ts';

/** One lease, kept as the API server keeps it: created once, replaced only over the version that was read. */
class LeaseServer {
  lease: Lease | undefined;
  down = false;
  writes: string[] = [];
  #version = 0;

  readonly script = ({ method, body }: Received): Reply => {
    if (this.down) return status(500, 'InternalError');
    const sent = body as Lease | undefined;
    if (method === 'GET') return this.lease === undefined ? status(404, 'NotFound') : { body: this.lease };
    if (method === 'POST' && this.lease !== undefined) return status(409, 'AlreadyExists');
    if (method === 'PUT' && this.lease === undefined) return status(404, 'NotFound');
    if (method === 'PUT' && sent?.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
      return status(409, 'Conflict');
    return { body: this.put(sent?.spec ?? {}) };
  };

  /** Writes as somebody else would, over whatever is there. */
  put(spec: NonNullable<Lease['spec']>): Lease {
    this.writes.push(spec.holderIdentity ?? '-');
    this.lease = { metadata: { name: 'l', namespace: 'a', resourceVersion: String(++this.#version) }, spec };
    return this.lease;
  }

  /** Deleted by hand. */
  vanish(): void {
    this.lease = undefined;
  }

  get holder(): string | undefined {
    return this.lease?.spec?.holderIdentity;
  }
}

let server: LeaseServer;
let endpoint: Endpoint;
const cleanUp: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  server = new LeaseServer();
  endpoint = await Endpoint.start(server.script);
  cleanUp.push(() => endpoint.close());
});
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

type Candidate = {
  clock: ManualClock;
  elector: LeaderElector;
  leading: () => boolean;
  ended: Promise<'released' | 'lost'>;
  stop: () => void;
  finish: () => void;
};

/** Runs an elector whose work ends when `finish` is called, or at once when its signal aborts unless it is stubborn. */
function candidate(identity: string, options: Partial<LeaseOptions> & { stubborn?: boolean } = {}): Candidate {
  const clock = new ManualClock();
  const client = endpoint.client({ retries: 0 });
  const elector = new LeaderElector({
    client,
    namespace: 'a',
    name: 'l',
    identity,
    clock,
    random: () => 0,
    ...options,
  });
  const abort = new AbortController();
  const work = Promise.withResolvers<void>();
  let leading = false;
  const ended = elector.run(abort.signal, (signal) => {
    leading = true;
    signal.addEventListener('abort', () => {
      leading = false;
      if (options.stubborn !== true) work.resolve();
    });
    return work.promise;
  });
  cleanUp.push(async () => {
    abort.abort();
    work.resolve();
    await ended;
    await client.close();
  });
  return { clock, elector, leading: () => leading, ended, stop: () => abort.abort(), finish: () => work.resolve() };
}

/** Lets time pass, and waits until the try that comes of it is over: it sets one timer for its limit, then one for the next try. */
async function step({ clock }: Candidate, by: number): Promise<void> {
  const before = clock.armed;
  clock.advance(by);
  await until(() => clock.armed >= before + 2);
}

/** The first try of a standby is over. */
async function waiting({ clock }: Candidate): Promise<void> {
  await until(() => clock.armed >= 2);
}

test('a lease that nobody has is created and renewed; times have six digits', async () => {
  const one = candidate('one');
  await until(one.leading);
  expect(one.elector.held()).toBe(true);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 });
  expect(server.lease?.spec?.renewTime).toBe('2030-01-01T00:00:00.000000Z');
  await step(one, 2000);
  expect(server.lease?.spec).toMatchObject({
    renewTime: '2030-01-01T00:00:02.000000Z',
    acquireTime: '2030-01-01T00:00:00.000000Z',
  });
  // The renewal is one write over what is known, not a read and a write.
  expect(endpoint.received.map(({ method }) => method)).toEqual(['GET', 'POST', 'PUT']);
});

test("a standby waits the lease's duration on its own clock, whatever the times in the lease say", async () => {
  server.put({
    holderIdentity: 'other',
    leaseDurationSeconds: 15,
    renewTime: '1999-01-01T00:00:00.000000Z',
    leaseTransitions: 3,
  });
  const two = candidate('two');
  await waiting(two);
  for (let at = 2000; at < 15_000; at += 2000) await step(two, 2000);
  expect(two.leading()).toBe(false);
  two.clock.advance(2000);
  await until(two.leading);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 4 });
});

test('as long as the record changes, it is not expired', async () => {
  server.put({ holderIdentity: 'other', leaseDurationSeconds: 4, renewTime: '0' });
  const two = candidate('two');
  await waiting(two);
  for (let i = 1; i < 10; i++) {
    server.put({ holderIdentity: 'other', leaseDurationSeconds: 4, renewTime: String(i) });
    await step(two, 2000);
  }
  expect(two.leading()).toBe(false);
});

test('a process that starts again under its old name takes its lease back at once', async () => {
  server.put({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 3, acquireTime: 'then' });
  const one = candidate('one');
  await until(one.leading);
  expect(one.clock.monotonic()).toBe(0);
  expect(server.lease?.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 3, acquireTime: 'then' });
});

test('a leader that cannot renew is lost at the deadline, and says so before anyone else may lead', async () => {
  const one = candidate('one');
  await until(one.leading);
  server.down = true;
  for (let at = 2000; at < 10_000; at += 2000) {
    await step(one, 2000);
    expect(one.elector.held()).toBe(true);
  }
  one.clock.advance(2000);
  expect(one.elector.held()).toBe(false);
  expect(await one.ended).toBe('lost');
  expect(one.leading()).toBe(false);
  expect(server.holder).toBe('one');
});

test('a process that was stopped may not write from the moment in which it goes on, before any timer has run', async () => {
  const one = candidate('one');
  await until(one.leading);
  one.clock.skip(10_000);
  expect(one.elector.held()).toBe(false);
  one.clock.advance(0);
  expect(await one.ended).toBe('lost');
  expect(server.writes).toEqual(['one']);
});

test('the wall clock may jump: nothing depends on it', async () => {
  const one = candidate('one');
  await until(one.leading);
  one.clock.wall -= 600_000;
  await step(one, 2000);
  one.clock.wall += 3_600_000;
  await step(one, 2000);
  expect(one.elector.held()).toBe(true);
});

test("a leader that finds another's name is lost at once", async () => {
  const one = candidate('one');
  await until(one.leading);
  server.put({ holderIdentity: 'two', leaseDurationSeconds: 15 });
  one.clock.advance(2000);
  expect(await one.ended).toBe('lost');
  expect(server.holder).toBe('two');
});

test('a lease deleted by hand is made again, one touched by hand is renewed', async () => {
  const one = candidate('one');
  await until(one.leading);
  server.vanish();
  await step(one, 2000);
  await until(() => server.holder === 'one');
  server.put({ ...server.lease?.spec, renewTime: 'by hand' });
  await step(one, 2000);
  await until(() => server.lease?.spec?.renewTime !== 'by hand');
  expect(one.leading()).toBe(true);
});

test('one failed renewal is not a loss', async () => {
  const one = candidate('one');
  await until(one.leading);
  server.down = true;
  await step(one, 2000);
  server.down = false;
  await step(one, 2000);
  one.clock.advance(5000);
  expect(one.elector.held()).toBe(true);
});

test('a stop is graceful: the work ends, then the lease is free, and the next one takes it at once', async () => {
  const one = candidate('one', { stubborn: true });
  await until(one.leading);
  one.stop();
  await until(() => !one.leading());
  // The lease is kept while the work ends.
  await step(one, 2000);
  expect(server.holder).toBe('one');
  one.finish();
  expect(await one.ended).toBe('released');
  expect(server.holder).toBeUndefined();
  expect(one.elector.held()).toBe(false);
  const two = candidate('two');
  await until(two.leading);
  expect(two.clock.monotonic()).toBe(0);
});

test('work that does not end is left behind after the grace period', async () => {
  const one = candidate('one', { stubborn: true, gracePeriod: 3000 });
  await until(one.leading);
  one.stop();
  await step(one, 2000);
  one.clock.advance(1000);
  expect(await one.ended).toBe('released');
  expect(server.holder).toBeUndefined();
});

test('a stop while waiting for the lease changes nothing', async () => {
  server.put({ holderIdentity: 'other', leaseDurationSeconds: 15 });
  const two = candidate('two');
  await waiting(two);
  two.stop();
  expect(await two.ended).toBe('released');
  expect(server.holder).toBe('other');
});

test('work that fails gives the lease back and passes its error on', async () => {
  const client = endpoint.client();
  const elector = new LeaderElector({ client, namespace: 'a', name: 'l', identity: 'one' });
  const failing = elector.run(new AbortController().signal, () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  expect(server.holder).toBeUndefined();
  await client.close();
});

test('of two that want a free lease at the same time one gets it', async () => {
  const both = [candidate('one'), candidate('two')];
  await until(() => both.some(({ leading }) => leading()));
  await Promise.all(both.map(waiting));
  expect(both.filter(({ leading }) => leading())).toHaveLength(1);
  expect(both.filter(({ elector }) => elector.held())).toHaveLength(1);
});

test('timings under which two could lead are refused', () => {
  const client = endpoint.client();
  const make = (renewDeadline: number): LeaderElector =>
    new LeaderElector({ client, namespace: 'a', name: 'l', identity: 'i', leaseDuration: 15_000, renewDeadline });
  expect(() => make(15_000)).toThrow(RangeError);
  expect(() => make(1_000)).toThrow(RangeError);
});
