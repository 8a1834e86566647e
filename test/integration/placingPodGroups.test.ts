/** How gangs are bound where Kubernetes serves native PodGroups, and where only a part of it does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { everywhere, up } from '../cluster/api.ts';
import { Bed } from '../support/bed.ts';
import { endFakes, inState, jobNow, podsOf, remove, submitFake } from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { fakePool, podsEver, takeRoom } from '../support/placing.ts';

const GATES = ['GenericWorkload'];

let bed: Bed;
let namespace: string;
let shared: string;

beforeAll(async () => {
  bed = await Bed.make({ features: everywhere(GATES) });
  shared = await fakePool(bed, 'shared');
  await bed.lead({ env: { COXSWAIN_UNSCHEDULED_SECONDS: '6' } });
});

afterAll(async () => {
  await bed?.close();
  await up({ features: {} });
});

beforeEach(async () => {
  namespace = await bed.namespace();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

const groups = async (): Promise<string[]> =>
  (await bed.api.list(pathOf('PodGroup', namespace))).map(({ metadata }) => metadata.name);

const pool = async () => (await bed.api.get<{ status?: object }>(pathOf('ComputePool', undefined, shared))).status;

describe('with PodGroups served, a gang in a shared pool', () => {
  it('is bound whole as the PodGroup of its attempt, which goes after its pods', async () => {
    const job = await submitFake(bed, namespace, 'gang', { nodes: 3, spread: 'node', pools: [shared] });
    const { assignment } = await inState(bed, job, 'Running');
    expect(assignment).toMatchObject({ way: 'podGroup' });
    expect(await groups()).toEqual([assignment?.name]);
    for (const { spec } of podsOf(bed, job)) {
      expect(spec).toMatchObject({ schedulingGroup: { podGroupName: assignment?.name } });
      expect(spec).not.toHaveProperty('schedulingGates');
    }
    await endFakes(bed, job);
    await inState(bed, job, 'Succeeded');
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
    await expect
      .poll(pool, { timeout: 40_000, interval: 200 })
      .toMatchObject({ way: 'podGroup', conditions: [{ type: 'PodGroups', status: 'True', reason: 'Served' }] });
  });

  it('that is deleted while it runs leaves no PodGroup', async () => {
    const job = await submitFake(bed, namespace, 'gang', { pools: [shared] });
    await inState(bed, job, 'Running');
    await remove(bed, job);
    await bed.history.until('the job to be gone', () => jobNow(bed, job) === undefined);
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
  });

  it('is never bound in part when a foreign pod takes the room of one member, and starts elsewhere', async () => {
    const { job, beaten, taken } = await takeRoom(bed, namespace, { pools: [shared] });
    expect(beaten.status).toMatchObject({ failure: { reason: 'UnscheduledTimeout', attempt: 1 } });
    expect(podsEver(bed, beaten, 1).filter(({ spec }) => spec?.nodeName !== undefined)).toEqual([]);
    expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 2, assignment: { way: 'podGroup' } });
    expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).not.toContain(taken);
    await bed.settledQuota();
    await endFakes(bed, job);
    await inState(bed, job, 'Succeeded');
  });
});

describe('with a kube-scheduler that has gone back to a version without PodGroups, a gang', () => {
  it('of which a part is bound gives it back, and from then on gangs start by the gate', async () => {
    await up({ features: everywhere(GATES, ['kube-scheduler']) });
    const { job, beaten, taken } = await takeRoom(bed, namespace, { pools: [shared] });
    expect(beaten.status).toMatchObject({ failure: { reason: 'UnscheduledTimeout', attempt: 1 } });
    const parts = new Set(podsEver(bed, beaten, 1).map(({ spec }) => spec?.nodeName));
    expect(parts.size).toBe(2);
    expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 2, assignment: { way: 'gate' } });
    expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).not.toContain(taken);
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
    await expect
      .poll(pool, { timeout: 40_000, interval: 200 })
      .toMatchObject({ way: 'gate', conditions: [{ type: 'PodGroups', status: 'False', reason: 'Distrusted' }] });
    await bed.settledQuota();
  });
});
