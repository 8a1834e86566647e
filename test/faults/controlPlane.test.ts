/**
 * Kubernetes itself falters: etcd stands still, the API server starts anew or lags behind, controllers and scheduler are away
 * while a gang starts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
import { EXPLAINED, FULL, savingForbidden } from '../support/faultSeed.ts';
import { Storm } from '../support/faultStorm.ts';
import { endFakes, inState, jobNow, podsOf, reached, submitFake } from '../support/jobs.ts';

let bed: Bed;
let proxy: FaultProxy;
let keeper: Keeper;

beforeAll(async () => {
  bed = await Bed.make();
  proxy = await bed.proxy(() => false);
  const kubeconfig = await bed.credentials(proxy);
  keeper = await Keeper.lead(bed, { kubeconfig, env: { COXSWAIN_UNSCHEDULED_SECONDS: '5' } });
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
  await storm.strike();
  await bed.cluster.signal('etcd', 'SIGSTOP');
  try {
    // No longer: by then the nodes would be lost too.
    await delay(6_000);
  } finally {
    await bed.cluster.signal('etcd', 'SIGCONT');
  }
  await storm.settle();
});

it.runIf(FULL)(
  'an API server that lags behind is asked after a name was given to another',
  { timeout: 240_000 },
  async () => {
    const first = proxy.upstream;
    const second = new URL(first);
    second.port = '16443';
    // Both write one audit log, line by line.
    const elsewhere = (flag: string): string => flag.replace(/^--secure-port=.*/, `--secure-port=${second.port}`);
    const lagging = await bed.cluster.startSecond(
      'kube-apiserver',
      elsewhere,
      async () => await bed.api.isReady(second.href),
    );
    try {
      const storm = await Storm.gather(bed);
      await bed.cluster.signal(lagging.name, 'SIGSTOP');
      await storm.strike();
      // Its cache still shows every gang as it was before anything happened.
      proxy.upstream = second.href;
      proxy.breakWatches('reset');
      await bed.cluster.signal(lagging.name, 'SIGCONT');
      await storm.settle();
    } finally {
      proxy.upstream = first;
      proxy.breakWatches('reset');
      await lagging.end();
    }
  },
);

it('and then all is quiet', async () => {
  await bed.quiet(FULL ? 60 : 5, FULL ? 180 : 60);
});
