/**
 * What the API server may answer, or fail to: while a storm of gangs goes through it, all of them are led where they would
 * have come without it. `COXSWAIN_SEED=N npx vitest run --project cluster test/faults/api.test.ts -t 'NAME'` runs one again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import type { Hooks, ProxiedRequest, Tally, Verdict } from '../support/faultPlan.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
import { Dice, EXPLAINED, FULL, LASTS, SEED } from '../support/faultSeed.ts';
import { Storm } from '../support/faultStorm.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';

let bed: Bed;
let proxy: FaultProxy;
let keeper: Keeper;

beforeAll(async () => {
  bed = await Bed.make();
  proxy = await bed.proxy(() => false);
  keeper = await Keeper.lead(bed, { kubeconfig: await bed.credentials(proxy) });
});

afterAll(async () => {
  await keeper?.stop('SIGTERM');
  await bed?.close();
});

afterEach(async () => {
  proxy.hooks = {};
  expect(await bed.violations(EXPLAINED)).toEqual([]);
  expect(keeper.ends.filter((code) => code !== 1)).toEqual([]);
});

const status = (code: number, message: string): Verdict => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message },
});

const isLease = ({ target }: ProxiedRequest): boolean => target?.plural === 'leases';

/** Turns calls away with Retry-After, and finds those that come again too early. */
class Turnstile {
  readonly early: string[] = [];
  readonly #dice = new Dice('429');
  readonly #until = new Map<string, number>();
  turned = 0;

  readonly hooks: Hooks = {
    before: (_k, request) => {
      // Renewals are bound to their own deadline and may come as soon as they must.
      if (isLease(request)) return undefined;
      const what = `${request.method} ${request.path} ${request.body.toString()}`;
      const due = this.#until.get(what) ?? 0;
      if (performance.now() < due) this.early.push(what.slice(0, 200));
      this.#until.delete(what);
      if (!this.#dice.falls(0.5)) return undefined;
      this.turned += 1;
      const seconds = this.#dice.pick([1, 2]);
      // Timers may fire a little before their time.
      this.#until.set(what, performance.now() + seconds * 1000 - 10);
      return { status: 429, headers: { 'retry-after': String(seconds) }, body: { kind: 'Status', code: 429 } };
    },
  };
}

type Fault = () => Hooks;

const FAULTS: Record<string, Fault> = {
  'replies are lost': () => {
    const dice = new Dice('replies');
    return { afterUpstream: () => (dice.falls(0.3) ? 'drop' : undefined) };
  },
  'calls are reset before they arrive': () => {
    const dice = new Dice('calls');
    return { before: () => (dice.falls(0.3) ? 'drop' : undefined) };
  },
  'calls are answered 500, 503 and 504': () => {
    const dice = new Dice('5xx');
    return { before: () => (dice.falls(0.3) ? status(dice.pick([500, 503, 504]), 'injected') : undefined) };
  },
  'writes are done, and answered 504': () => {
    const dice = new Dice('504');
    return { afterUpstream: () => (dice.falls(0.3) ? status(504, 'injected') : undefined) };
  },
  'answers take their time': () => {
    const dice = new Dice('slow');
    return { before: async () => await delay(dice.pick([0, 50, 400])).then(() => undefined) };
  },
  'all of this happens': () => {
    const dice = new Dice('all');
    const lost: [Verdict, ...Verdict[]] = ['drop', status(500, 'injected'), status(503, 'injected')];
    return {
      before: async () => {
        await delay(dice.pick([0, 0, 100]));
        return dice.falls(0.15) ? dice.pick(lost) : undefined;
      },
      afterUpstream: () => (dice.falls(0.15) ? dice.pick(['drop', status(504, 'injected')]) : undefined),
    };
  },
};

/** What each of them does to calls; where nothing is said, it answers in the place of the API server. */
const BITES: Record<string, readonly (keyof Tally)[]> = {
  'answers take their time': ['delayed'],
  'all of this happens': ['answered', 'delayed'],
};

const chosen = Object.keys(FAULTS).filter((name) => FULL || name === 'all of this happens');

/** @param bites what the fault must have done to more than ten calls. */
async function goThrough(storm: Storm, hooks: Hooks, bites: readonly (keyof Tally)[] = ['answered']): Promise<void> {
  const before = { ...proxy.tally };
  proxy.hooks = hooks;
  await storm.strike();
  await delay(LASTS);
  proxy.hooks = {};
  const seldom = bites.filter((bite) => proxy.tally[bite] - before[bite] <= 10);
  expect(seldom).toEqual([]);
  await storm.settle();
}

describe(`a storm of gangs, seed ${SEED}, while`, () => {
  it.each(chosen)('%s', async (name) => {
    const storm = await Storm.gather(bed);
    await goThrough(storm, FAULTS[name]?.() ?? {}, BITES[name]);
  });

  it.runIf(FULL)('calls are answered 429 with Retry-After, and none comes before its time', async () => {
    const turnstile = new Turnstile();
    const storm = await Storm.gather(bed);
    await goThrough(storm, turnstile.hooks);
    expect(turnstile.turned).toBeGreaterThan(10);
    expect(turnstile.early).toEqual([]);
  });

  // In the short set lost replies lead to conflicts too.
  it.runIf(FULL)('another writer changes every job fifty times a second', async () => {
    const storm = await Storm.gather(bed);
    const stop = new AbortController();
    const writer = scribble(storm.namespace, stop.signal);
    const before = proxy.tally.conflicts;
    await storm.strike();
    // No end of it is waited for: there is progress all the same.
    await storm.settle();
    stop.abort();
    expect(await writer).toBeGreaterThan(100);
    expect(proxy.tally.conflicts - before).toBeGreaterThan(10);
  });
});

/** Writes an annotation of every job of a namespace, over and over; answers how often. */
async function scribble(namespace: string, signal: AbortSignal): Promise<number> {
  for (let n = 0; ; ) {
    for (const { metadata } of bed.history.now('SimulationJob', namespace)) {
      if (signal.aborted) return n;
      n += 1;
      const annotations = { 'test.coxswain.dev/scribble': String(n) };
      // Some are gone by then.
      await bed.api
        .patch(pathOf('SimulationJob', namespace, metadata.name), { metadata: { annotations } })
        .catch(() => undefined);
    }
    if (signal.aborted) return n;
    await delay(20);
  }
}

it('and then all is quiet', async () => {
  await standStill(bed);
});
