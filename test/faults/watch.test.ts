/**
 * What can become of the streams by which the operator sees: while a storm of gangs goes through it, nothing is overlooked and
 * nothing done twice. `COXSWAIN_SEED=N npx vitest run --project cluster test/faults/watch.test.ts -t 'NAME'` runs one again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FINALIZER } from '../../operator/core/names.ts';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import type { Hooks, ProxiedRequest, Verdict } from '../support/faultPlan.ts';
import type { Break, FaultProxy } from '../support/faultProxy.ts';
import { Dice, EXPLAINED, FULL, LASTS, SEED } from '../support/faultSeed.ts';
import { Storm } from '../support/faultStorm.ts';
import { inState, jobNow, submit, submitFake, withReason } from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';
import { until } from '../support/until.ts';

let bed: Bed;
let proxy: FaultProxy;
let keeper: Keeper;
let kubeconfig: string;

beforeAll(async () => {
  bed = await Bed.make();
  proxy = await bed.proxy(() => false);
  kubeconfig = await bed.credentials(proxy);
  keeper = await Keeper.lead(bed, { kubeconfig });
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

const WATCHED = ['pods', 'simulationjobs', 'nodes', 'queues'];
const isOf =
  (plural: string) =>
  ({ target }: ProxiedRequest): boolean =>
    target?.plural === plural;
const gone: Verdict = { status: 410, body: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };

/** As the reflector words it that its patience with a silent watch is over. */
const SILENT = 'nothing for 150000 ms';

/** One node is changed in a way that is nobody's business. */
async function touchNode(): Promise<void> {
  const [node] = bed.history.now('Node');
  const annotations = { 'test.coxswain.dev/touched': String(performance.now()) };
  await bed.api.patch(pathOf('Node', undefined, node?.metadata.name), { metadata: { annotations } });
}

/** Breaks a watch of one kind off, every 50 ms, as the dice say, until `signal` aborts. */
async function breakAtRandom(ways: readonly [Break, ...Break[]], signal: AbortSignal): Promise<number> {
  const dice = new Dice(ways.join());
  let broken = 0;
  while (!signal.aborted) {
    broken += proxy.breakWatches(dice.pick(ways), isOf(dice.pick(WATCHED as [string, ...string[]])));
    await delay(50);
  }
  return broken;
}

const WAYS: Record<string, readonly [Break, ...Break[]]> = {
  closed: ['close'],
  reset: ['reset'],
  'cut off in the middle of a line': ['truncate'],
  'told that they are too old': ['gone'],
  'ended in every way there is': ['close', 'reset', 'truncate', 'gone'],
};
const ways = Object.keys(WAYS).filter((name) => FULL || name === 'ended in every way there is');

describe(`a storm of gangs, seed ${SEED}, while watches are`, () => {
  it.each(ways)('%s', async (name) => {
    const storm = await Storm.gather(bed);
    const stop = new AbortController();
    const breaking = breakAtRandom(WAYS[name] ?? ['close'], stop.signal);
    await storm.strike();
    await delay(LASTS);
    stop.abort();
    expect(await breaking).toBeGreaterThan(10);
    await storm.settle();
  });

  // The one that is silent longest; the operator's patience with it is two and a half minutes.
  it.runIf(FULL)('silent, though open', { timeout: 400_000 }, async () => {
    const storm = await Storm.gather(bed);
    const { lost } = proxy.tally;
    proxy.silenceWatches();
    await storm.strike();
    await keeper.operator.logged(({ error }) => error?.includes(SILENT) ?? false, 200_000);
    expect(proxy.tally.lost - lost).toBeGreaterThan(10);
    await storm.settle();
  });

  it.runIf(FULL).each(WATCHED)('held back for half a minute: those of %s alone', async (plural) => {
    const storm = await Storm.gather(bed);
    const { held } = proxy.tally;
    const release = proxy.holdWatches(isOf(plural));
    await storm.strike();
    // By themselves nodes change less often than that.
    await touchNode();
    await delay(30_000);
    release();
    expect(proxy.tally.held - held).toBeGreaterThan(0);
    await storm.settle();
  });

  it.runIf(FULL)('robbed of the deletions and changes of pods, until all is listed anew', async () => {
    const storm = await Storm.gather(bed);
    const isStolen = /^{"type":"(MODIFIED|DELETED)"/;
    const { lost } = proxy.tally;
    proxy.hooks = { watchLine: (request, line) => !(isOf('pods')(request) && isStolen.test(line)) };
    await storm.strike();
    await delay(10_000);
    proxy.hooks = {};
    expect(proxy.tally.lost - lost).toBeGreaterThan(10);
    proxy.breakWatches('gone', isOf('pods'));
    await storm.settle();
  });
});

describe('an operator that starts while', () => {
  it('lists fail, then are too old, then come in pages, waits for them and ends nothing', async () => {
    const storm = await Storm.gather(bed);
    await keeper.stop();
    await storm.strike();
    const answers: Verdict[] = [
      { status: 500 },
      'drop',
      { status: 429, headers: { 'retry-after': '1' }, body: { kind: 'Status', code: 429 } },
      gone,
    ];
    const asked = new Map<string, number>();
    proxy.hooks = {
      before: (_k, { method, path, target }) => {
        // Neither a single object nor what is no resource at all: the version, what is served.
        if (method !== 'GET' || target === undefined || target.name !== undefined) return undefined;
        // A server of an older version: lists come in pages.
        if (path.includes('sendInitialEvents')) return { status: 422, body: { kind: 'Status', code: 422 } };
        const what = `${target.plural} ${path.includes('watch=true')}`;
        const times = asked.get(what) ?? 0;
        asked.set(what, times + 1);
        return times < answers.length ? answers[times % answers.length] : undefined;
      },
    };
    keeper = await Keeper.start(bed, { kubeconfig });
    await keeper.operator.leading();
    await storm.settle();
    // Those of which no gang of the storm had to wait may still be on the way.
    const come = (what: string): boolean => (asked.get(what) ?? 0) > answers.length;
    await until(() => WATCHED.every((plural) => come(`${plural} false`) && come(`${plural} true`)), 60_000);
    expect(keeper.ends).toEqual([]);
  });
});

/** What the operator is sent of jobs from now on, line by line. */
function overhear(): string[] {
  const lines: string[] = [];
  const watchLine = (request: ProxiedRequest, line: string): boolean => {
    if (isOf('simulationjobs')(request)) lines.push(line);
    return true;
  };
  proxy.hooks = { watchLine };
  return lines;
}

describe('a gang whose start is written while the operator does not see it', () => {
  /**
   * Two gangs want one room: one that starts unseen, and one that would go before it.
   * @param heir which of them runs at last.
   */
  async function rivals(heir: 'first' | 'second', hooks: Hooks, meanwhile: () => Promise<void>): Promise<void> {
    const namespace = await bed.namespace();
    const pools = [{ pool: bed.pools.fake, quota: { cpu: 2 } }];
    const queue = await bed.ownQueue({ state: 'stopped', pools });
    const first = await submitFake(bed, namespace, 'first', { queue });
    const rival = { kind: 'TrainingJob', namespace, name: 'second' } as const;
    const path = pathOf('SimulationJob', namespace, 'first');
    await withReason(bed, first, 'QueueStopped');
    // As one that has run before: its start is a single write.
    const heard = overhear();
    const { metadata } = await bed.api.patch(path, { metadata: { finalizers: [FINALIZER] } });
    await until(() => heard.some((line) => line.includes(`"resourceVersion":"${metadata.resourceVersion}"`)));
    const release = proxy.holdWatches(isOf('simulationjobs'));
    try {
      proxy.hooks = hooks;
      await bed.api.patch(pathOf('Queue', undefined, queue), { spec: { state: 'active' } });
      await inState(bed, first, 'Admitted');
      const spec = { queue, priority: 100, nodes: 2, resources: { cpu: 1 }, pools: [bed.pools.fake] };
      const second = await submit(bed, rival, { image: 'localhost/fake:none', command: ['program'], ...spec });
      await withReason(bed, second, 'WaitingForQuota');
      await meanwhile();
      expect(jobNow(bed, second)?.status).toMatchObject({ reason: 'WaitingForQuota' });
    } finally {
      release();
    }
    await inState(bed, heir === 'first' ? first : rival, 'Running');
    proxy.hooks = {};
    await bed.deleteJobs();
  }

  it('keeps its room although the reply was lost and the write is refused when it is tried again', async () => {
    const isStatus = ({ target }: ProxiedRequest): boolean =>
      target?.plural === 'simulationjobs' && target.subresource === 'status';
    let refused = 0;
    const afterUpstream: Hooks['afterUpstream'] = (_k, request, { status }) => {
      if (!isStatus(request)) return undefined;
      if (status === 409) refused += 1;
      return status < 300 ? 'drop' : undefined;
    };
    await rivals('first', { afterUpstream }, async () => {
      const before = refused;
      await until(() => refused >= before + 2);
    });
  });

  // After that its pods are overdue: it goes back to wait, behind the other one.
  it.runIf(FULL)('keeps its room for as long as a watch may be silent', { timeout: 300_000 }, async () => {
    await rivals('second', {}, async () => await delay(120_000));
  });
});

it('and then all is quiet', async () => {
  await standStill(bed);
});
