/** How gangs are bound in pools of either kind, on a cluster that serves no native PodGroups. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import type { ProxiedRequest, Verdict } from '../support/faultPlan.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
import { FULL } from '../support/faultSeed.ts';
import { endFakes, inState, jobNow, podsOf, submitFake } from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { fakePool, podsEver, takeRoom } from '../support/placing.ts';

let bed: Bed;
let proxy: FaultProxy;
let namespace: string;
const pools = { exclusive: '', shared: '' };
type Sharing = keyof typeof pools;

beforeAll(async () => {
  bed = await Bed.make();
  pools.exclusive = await fakePool(bed, 'exclusive');
  pools.shared = await fakePool(bed, 'shared');
  proxy = await bed.proxy(() => false);
  await lead();
});

afterAll(async () => {
  await bed?.close();
});

beforeEach(async () => {
  namespace = await bed.namespace();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

const operators: Awaited<ReturnType<Bed['lead']>>[] = [];

async function lead(env: Record<string, string> = {}): Promise<void> {
  for (const operator of operators) await operator.signal('SIGTERM');
  const kubeconfig = await bed.credentials(proxy);
  operators.push(await bed.lead({ kubeconfig, env: { COXSWAIN_UNSCHEDULED_SECONDS: '6', ...env } }));
}

/** What the operator tells of the pool. */
async function told(pool: string): Promise<object | undefined> {
  return (await bed.api.get<{ status?: object }>(pathOf('ComputePool', undefined, pool))).status;
}

describe('a gang in a pool that is', () => {
  it.each([
    ['exclusive', 'pinned'],
    ['shared', 'gate'],
  ] as const)('%s is bound whole, by the way %s', async (sharing, way) => {
    const pool = pools[sharing];
    const job = await submitFake(bed, namespace, 'gang', { nodes: 3, spread: 'node', pools: [pool] });
    const { assignment } = await inState(bed, job, 'Running');
    expect(assignment).toMatchObject({ way });
    expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).toEqual(assignment?.placements.map(({ node }) => node));
    const resource = jobNow(bed, job);
    const first = resource && podsEver(bed, resource, 1)[0]?.spec;
    expect([first?.schedulingGates?.length ?? 0, first?.nodeSelector !== undefined]).toEqual(
      way === 'gate' ? [1, false] : [0, true],
    );
    await endFakes(bed, job);
    await inState(bed, job, 'Succeeded');
    await expect
      .poll(async () => await told(pool), { timeout: 40_000, interval: 200 })
      .toMatchObject({ way, conditions: [{ type: 'PodGroups', status: 'False', reason: 'NotServed' }] });
  });

  it.each(['exclusive', 'shared'] as const)(
    '%s gives up whole when a foreign pod takes the room of one member, and starts elsewhere',
    async (sharing) => {
      const queue = await bed.ownQueue({});
      const { job, beaten, taken } = await takeRoom(bed, namespace, { pools: [pools[sharing]], queue });
      expect(beaten.status).toMatchObject({ failure: { reason: 'UnscheduledTimeout', attempt: 1 }, attempts: 1 });
      expect(podsOf(bed, job).map(({ metadata }) => metadata.labels?.['coxswain.dev/attempt'])).toEqual(['2', '2']);
      expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).not.toContain(taken);
      await bed.settledQuota();
      await endFakes(bed, job);
      await inState(bed, job, 'Succeeded');
      await bed.settledQuota();
    },
  );
});

/** The API server of this cluster as one would answer that serves PodGroups; `made`: also to the group of a gang. */
function pretend(made: boolean): (k: number, request: ProxiedRequest) => Verdict {
  return (_k, { method, path, target, body }) => {
    if (path === '/apis/scheduling.k8s.io/v1beta1')
      return { status: 200, body: { resources: [{ name: 'podgroups' }] } };
    const isTrial = path.includes('dryRun=All');
    if (method !== 'POST' || (target?.plural !== 'podgroups' && !isTrial)) return undefined;
    return isTrial || made ? { status: 201, body: JSON.parse(body.toString()) as object } : undefined;
  };
}

const isOfGroups = ({ target, body }: ProxiedRequest): boolean =>
  target?.plural === 'podgroups' || body.includes('schedulingGroup');

describe('an API server that only seems to serve PodGroups', () => {
  afterEach(() => {
    proxy.hooks = {};
  });

  it.each([
    ['drops the group of a pod without a word', true],
    ['does not know the group of a gang', false],
  ])('%s: the gang is taken back whole and starts by the gate', async (_what, made) => {
    proxy.hooks = { before: pretend(made) };
    await lead();
    const queue = await bed.ownQueue({});
    const job = await submitFake(bed, namespace, 'gang', { nodes: 3, pools: [pools.shared], queue });
    const status = await inState(bed, job, 'Running');
    expect(status).toMatchObject({
      attempts: 2,
      assignment: { way: 'gate' },
      failure: { reason: 'PodGroupIgnored', attempt: 1 },
    });
    await bed.history.until('the first attempt to be gone', () => podsOf(bed, job).length === 3);
    const again = await submitFake(bed, namespace, 'again', { pools: [pools.shared], queue });
    expect(await inState(bed, again, 'Running')).toMatchObject({ attempts: 1, assignment: { way: 'gate' } });
    await bed.settledQuota();
  });

  const ways: readonly [sharing: Sharing, way: string, env: Record<string, string>, reason: string][] = [
    ['exclusive', 'pinned', {}, 'Served'],
    ['shared', 'gate', { COXSWAIN_POD_GROUPS: 'never' }, 'SwitchedOff'],
  ];
  it.each(ways.slice(0, FULL ? 2 : 1))(
    'drops the group of a pod without a word: a gang in a pool that is %s, bound by the way %s, has none to lose',
    async (sharing, way, env, reason) => {
      const ofGroups: string[] = [];
      proxy.hooks = {
        before: (k, request) => {
          const { method, path, body } = request;
          if (method === 'POST' && !path.includes('dryRun=All') && isOfGroups(request))
            ofGroups.push(`${path} ${body.toString()}`);
          return pretend(true)(k, request);
        },
      };
      await lead(env);
      const pool = pools[sharing];
      const job = await submitFake(bed, namespace, 'gang', { nodes: 3, pools: [pool] });
      expect(await inState(bed, job, 'Running')).toMatchObject({ attempts: 1, assignment: { way } });
      // It believes the API server, or does not ask it, and writes of groups to nobody.
      await expect
        .poll(async () => await told(pool), { timeout: 40_000, interval: 200 })
        .toMatchObject({ way, conditions: [{ type: 'PodGroups', reason }] });
      expect(ofGroups).toEqual([]);
      await endFakes(bed, job);
      await inState(bed, job, 'Succeeded');
    },
  );
});
