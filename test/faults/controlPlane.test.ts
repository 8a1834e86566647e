/**
 * Kubernetes itself falters: etcd stands still, the API server starts anew or lags behind, controllers and scheduler are away
 * while a gang starts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import type { ProxiedRequest } from '../support/faultPlan.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
import { EXPLAINED, FULL, savingForbidden } from '../support/faultSeed.ts';
import { Storm } from '../support/faultStorm.ts';
import type { WatchedThing } from '../support/history.ts';
import { endFakes, gone, inState, type JobRef, jobNow, podsOf, reached, remove, submitFake } from '../support/jobs.ts';
import { LaggingServer } from '../support/laggingServer.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';
import { until } from '../support/until.ts';

let bed: Bed;
let proxy: FaultProxy;
let keeper: Keeper;
let options: Parameters<typeof Keeper.lead>[1];

beforeAll(async () => {
  bed = await Bed.make();
  proxy = await bed.proxy(() => false);
  options = { kubeconfig: await bed.credentials(proxy), env: { COXSWAIN_UNSCHEDULED_SECONDS: '5' } };
  keeper = await Keeper.lead(bed, options);
});

afterAll(async () => {
  await keeper?.stop('SIGTERM');
  await bed?.close();
});

afterEach(async () => {
  // An API server that has just started answers before it has read the roles, and forbids until then.
  expect(savingForbidden(await bed.violations(EXPLAINED))).toEqual([]);
  // It ends when it cannot renew its lease, and for no other reason.
  expect(keeper.ends.filter((code) => code !== 1)).toEqual([]);
});

it('scheduler and controllers are away while a gang starts: it is rolled back, and starts when they are there', async () => {
  const namespace = await bed.namespace();
  const job = await (async () => {
    for (const name of ['kube-scheduler', 'kube-controller-manager']) await bed.cluster.signal(name, 'SIGKILL');
    try {
      const started = await submitFake(bed, namespace, 'early');
      await reached(bed, started, 'rolled back', ({ failure }) => failure?.reason === 'UnscheduledTimeout');
      await bed.history.until('its pods to be gone', () => podsOf(bed, started).length === 0);
      return started;
    } finally {
      for (const name of ['kube-scheduler', 'kube-controller-manager']) await bed.cluster.restart(name);
    }
  })();
  await inState(bed, job, 'Running');
  expect(jobNow(bed, job)?.status?.infrastructureRetries ?? 0).toBe(0);
  await endFakes(bed, job);
  await inState(bed, job, 'Succeeded');
  await bed.deleteJobs();
  await bed.settledQuota();
});

it.runIf(FULL)('the API server is killed and started in the middle of everything', async () => {
  const storm = await Storm.gather(bed);
  await storm.strike();
  await bed.cluster.restart('kube-apiserver');
  await storm.settle();
});

it.runIf(FULL)('etcd stands still until the lease is lost', async () => {
  const storm = await Storm.gather(bed);
  const ends = keeper.ends.length;
  await storm.strike();
  await bed.cluster.signal('etcd', 'SIGSTOP');
  try {
    // No longer: by then the nodes would be lost too.
    await delay(6_000);
  } finally {
    await bed.cluster.signal('etcd', 'SIGCONT');
  }
  await storm.settle();
  expect(keeper.ends.length).toBeGreaterThan(ends);
});

/** What the operator lists and watches without end; the rest comes and goes. */
const WATCHED = ['pods', 'simulationjobs', 'nodes', 'queues'];

/**
 * Has lists and watches go to the API server at `url`, and everything else where it went: where several API servers share the
 * load, a client reads from one and writes to another. Answers what of the watched kinds was asked for there: to be told from
 * some version on, or of all there is.
 */
function readFrom(url: string): { resumed: Set<string>; listed: Set<string> } {
  const asked = { resumed: new Set<string>(), listed: new Set<string>() };
  const upstream = ({ method, path, target }: ProxiedRequest): string | undefined => {
    if (method !== 'GET' || target === undefined || target.name !== undefined) return undefined;
    const isResumed = new URLSearchParams(path.split('?')[1]).get('watch') === 'true' && !path.includes('sendInitial');
    (isResumed ? asked.resumed : asked.listed).add(target.plural);
    return url;
  };
  proxy.hooks = { upstream };
  return asked;
}

/**
 * A gang that is admitted and whose pods are never made: to whoever is shown it, they are all that is missing.
 * Until the proxy's hooks are others.
 */
async function withoutPods(): Promise<JobRef> {
  const namespace = await bed.namespace();
  const isItsPod = ({ method, target }: ProxiedRequest): boolean =>
    method === 'POST' && target?.plural === 'pods' && target.namespace === namespace;
  proxy.hooks = { before: (_k, request) => (isItsPod(request) ? { status: 503 } : undefined) };
  const job = await submitFake(bed, namespace, 'ghost');
  await inState(bed, job, 'Admitted');
  return job;
}

const uidOf = (job: JobRef): string | undefined => jobNow(bed, job)?.metadata.uid;

it.runIf(FULL)(
  'an API server that lags is asked after jobs are gone and a name was given to another: nothing is done for what was',
  { timeout: 240_000 },
  async () => {
    const lagging = await LaggingServer.start(bed);
    try {
      const storm = await Storm.gather(bed);
      const again = storm.job('again');
      const ghost = await withoutPods();
      const [ghostly, old] = [uidOf(ghost), uidOf(again)];
      const shown = async ({ kind, namespace, name }: JobRef): Promise<WatchedThing | undefined> =>
        (await lagging.shows<WatchedThing>(pathOf(kind, namespace))).find(({ metadata }) => metadata.name === name);
      await expect.poll(async () => (await shown(ghost))?.status?.state).toBe('Admitted');
      await lagging.freeze();
      await storm.strike();
      await remove(bed, ghost);
      await gone(bed, ghost, ghostly);
      await bed.history.until('the new job', () => (uidOf(again) ?? old) !== old);

      const asked = readFrom(lagging.url);
      proxy.breakWatches('reset');
      await until(() => WATCHED.every((plural) => asked.resumed.has(plural)));
      await keeper.stop();
      keeper = await Keeper.start(bed, options);
      await until(() => WATCHED.every((plural) => asked.listed.has(plural)));
      // One that believes what it is shown would do its worst now: nothing else keeps it from its work.
      const before = await bed.audit.writes();
      await delay(10_000);
      expect((await bed.audit.writes()).slice(before.length)).toEqual([]);
      expect((await shown(again))?.metadata.uid).toBe(old);
      expect(await shown(ghost)).toMatchObject({ metadata: { uid: ghostly }, status: { state: 'Admitted' } });

      await lagging.thaw();
      await storm.settle();
      const pods = bed.history.entries.filter(({ kind }) => kind === 'Pod').map(({ object }) => object.metadata);
      expect(pods.filter(({ namespace }) => namespace === ghost.namespace)).toEqual([]);
    } finally {
      proxy.hooks = {};
      proxy.breakWatches('reset');
      await lagging.end();
    }
  },
);

it('and then all is quiet', async () => {
  await standStill(bed);
});
