/** Two operators, one lease: whoever does not lead writes nothing, and a job does not notice that its leader has changed. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { SYSTEM } from '../support/chart.ts';
import { FULL } from '../support/faultSeed.ts';
import { endFakes, inState, jobNow, podsOf, submitFake } from '../support/jobs.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';

let bed: Bed;
let namespace: string;
let leader: OperatorProcess;
let standby: OperatorProcess;

beforeAll(async () => {
  bed = await Bed.make();
  // That of an operator before, which may have been killed, would be waited for.
  await bed.api.remove(pathOf('Lease', SYSTEM, 'coxswain'));
});

afterAll(async () => {
  await bed?.close();
});

async function elect(env: Record<string, string> = {}): Promise<void> {
  leader = await bed.lead({ holder: 'first', env });
  standby = await bed.start({ holder: 'second', env });
  await standby.logged(({ msg }) => msg === 'coxswain starts');
}

beforeEach(async () => {
  namespace = await bed.namespace();
});

afterEach(async () => {
  await leader.signal('SIGKILL');
  await standby.signal('SIGTERM');
  expect(await bed.violations()).toEqual([]);
});

async function holder(): Promise<string | undefined> {
  const lease = await bed.api.get<{ spec: { holderIdentity?: string } }>(pathOf('Lease', SYSTEM, 'coxswain'));
  return lease.spec.holderIdentity;
}

/** Stops the event loop for 20 s at a signal, as a computation that never yields would; the threads beside it go on. */
const BLOCK =
  "data:text/javascript,process.on('SIGUSR2',()=>Atomics.wait(new(Int32Array)(new(SharedArrayBuffer)(4)),0,0,20000))";

/** What the chart ships: seconds. */
const SHIPPED = {
  COXSWAIN_LEASE_SECONDS: '15',
  COXSWAIN_LEASE_RENEW_SECONDS: '10',
  COXSWAIN_LEASE_RETRY_SECONDS: '2',
};

describe('when the leader', () => {
  it('is killed, the standby takes over its gangs and those that came meanwhile', async () => {
    await elect();
    const running = await submitFake(bed, namespace, 'running');
    await inState(bed, running, 'Running');
    const pods = podsOf(bed, running).map(({ metadata }) => metadata.uid);
    expect(await holder()).toBe('first');
    await leader.signal('SIGKILL');
    const orphan = await submitFake(bed, namespace, 'orphan');
    await endFakes(bed, running);
    await standby.leading();
    expect(await holder()).toBe('second');
    expect(await inState(bed, running, 'Succeeded')).toMatchObject({ attempts: 1 });
    expect(podsOf(bed, running).map(({ metadata }) => metadata.uid)).toEqual(pods);
    await inState(bed, orphan, 'Running');
    expect(jobNow(bed, orphan)?.status?.attempts).toBe(1);
    await bed.settledQuota();
    await bed.deleteJobs();
  });

  it('is stopped and continued after another leads, it writes nothing and ends', async () => {
    await elect();
    const job = await submitFake(bed, namespace, 'steady');
    await inState(bed, job, 'Running');
    await leader.signal('SIGSTOP');
    await standby.leading();
    // Work that the old leader would do at once if it still believed in its lease.
    const queued = await submitFake(bed, namespace, 'tempting');
    await endFakes(bed, job);
    await leader.signal('SIGCONT');
    await expect.poll(() => leader.running, { timeout: 30_000 }).toBe(false);
    expect(leader.exitCode).toBe(1);
    await inState(bed, job, 'Succeeded');
    await inState(bed, queued, 'Running');
    await bed.deleteJobs();
  });

  it('is asked to end, it gives the lease back and the standby need not wait for it to expire', async () => {
    await elect();
    const job = await submitFake(bed, namespace, 'smooth');
    await inState(bed, job, 'Running');
    await leader.signal('SIGTERM');
    expect(leader.exitCode).toBe(0);
    expect(leader.log.some(({ msg }) => msg === 'the lease is released')).toBe(true);
    await standby.leading();
    await endFakes(bed, job);
    await inState(bed, job, 'Succeeded');
    await bed.deleteJobs();
  });

  it.runIf(FULL).each<[string, Record<string, string>, () => Promise<void>]>([
    [
      'is paused for twice as long as its lease lasts',
      SHIPPED,
      async () => {
        await leader.signal('SIGSTOP');
        await delay(30_000);
        await leader.signal('SIGCONT');
      },
    ],
    [
      'computes for 20 s without looking up',
      { ...SHIPPED, NODE_OPTIONS: `--import=${BLOCK}` },
      async () => {
        await leader.signal('SIGUSR2');
        await delay(20_000);
      },
    ],
  ])('%s, it writes nothing after that and ends', { timeout: 240_000 }, async (_what, env, absent) => {
    await elect(env);
    const job = await submitFake(bed, namespace, 'steady');
    await inState(bed, job, 'Running');
    const absence = absent();
    // Work that it would do at once when it is back.
    const queued = await submitFake(bed, namespace, 'tempting');
    await endFakes(bed, job);
    await absence;
    await expect.poll(() => leader.running, { timeout: 30_000 }).toBe(false);
    expect(leader.exitCode).toBe(1);
    await standby.leading();
    expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 1 });
    expect(await inState(bed, queued, 'Running')).toMatchObject({ attempts: 1 });
    await bed.deleteJobs();
  });
});

it.runIf(FULL)('and then all is quiet, also with a standby', async () => {
  await elect();
  await standStill(bed);
});
