/** How gangs are bound where Kubernetes serves native PodGroups, where only a part of it does, and where it ceases to. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { everywhere, up } from '../cluster/api.ts';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import { EXPLAINED, FULL, savingForbidden } from '../support/faultSeed.ts';
import { endFakes, gone, inState, type JobRef, jobNow, podsOf, remove, submitFake } from '../support/jobs.ts';
import { type KindName, pathOf } from '../support/paths.ts';
import { fakePool, podsEver, takeRoom } from '../support/placing.ts';

const GATES = ['GenericWorkload'];

let bed: Bed;
let keeper: Keeper;
let namespace: string;
const pools = { exclusive: '', shared: '' };

beforeAll(async () => {
  bed = await Bed.make({ features: everywhere(GATES) });
  pools.exclusive = await fakePool(bed, 'exclusive');
  pools.shared = await fakePool(bed, 'shared');
  await lead();
});

afterAll(async () => {
  await keeper?.stop('SIGTERM');
  await bed?.close();
  await up({ features: {} });
});

beforeEach(async () => {
  namespace = await bed.namespace();
});

async function lead(podGroups: 'auto' | 'never' = 'auto'): Promise<void> {
  await keeper?.stop('SIGTERM');
  const env = { COXSWAIN_UNSCHEDULED_SECONDS: '6', COXSWAIN_POD_GROUPS: podGroups };
  keeper = await Keeper.lead(bed, { env });
}

async function lawful(): Promise<void> {
  expect(await bed.violations()).toEqual([]);
  expect(keeper.ends).toEqual([]);
}

const namesOf = async (kind: KindName): Promise<string[]> =>
  (await bed.api.list(pathOf(kind, namespace))).map(({ metadata }) => metadata.name);

const groups = async (): Promise<string[]> => await namesOf('PodGroup');

/** Waits until the shared pool tells how its gangs are bound, and what the operator thinks of PodGroups. */
async function told(way: 'podGroup' | 'gate', reason: string): Promise<void> {
  const status = way === 'podGroup' ? 'True' : 'False';
  await expect
    .poll(async () => await bed.api.get(pathOf('ComputePool', undefined, pools.shared)), {
      timeout: 40_000,
      interval: 200,
    })
    .toMatchObject({ status: { way, conditions: [{ type: 'PodGroups', status, reason }] } });
}

async function end(job: JobRef): Promise<void> {
  await endFakes(bed, job);
  await inState(bed, job, 'Succeeded');
}

describe('with PodGroups served, a gang in a shared pool', () => {
  afterEach(lawful);

  it('is bound whole as the PodGroup of its attempt, which goes after its pods', async () => {
    const job = await submitFake(bed, namespace, 'gang', { nodes: 3, spread: 'node', pools: [pools.shared] });
    const { assignment } = await inState(bed, job, 'Running');
    expect(assignment).toMatchObject({ way: 'podGroup' });
    expect(await groups()).toEqual([assignment?.name]);
    for (const { spec } of podsOf(bed, job)) {
      expect(spec).toMatchObject({ schedulingGroup: { podGroupName: assignment?.name } });
      expect(spec).not.toHaveProperty('schedulingGates');
    }
    await end(job);
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
    await told('podGroup', 'Served');
  });

  it('that is deleted while it runs leaves no PodGroup', async () => {
    const job = await submitFake(bed, namespace, 'gang', { pools: [pools.shared] });
    await inState(bed, job, 'Running');
    await remove(bed, job);
    await bed.history.until('the job to be gone', () => jobNow(bed, job) === undefined);
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
  });

  it('is never bound in part when a foreign pod takes the room of one member, and starts elsewhere', async () => {
    const { job, beaten, taken } = await takeRoom(bed, namespace, { pools: [pools.shared] });
    expect(beaten.status).toMatchObject({ failure: { reason: 'UnscheduledTimeout', attempt: 1 } });
    expect(podsEver(bed, beaten, 1).filter(({ spec }) => spec?.nodeName !== undefined)).toEqual([]);
    expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 2, assignment: { way: 'podGroup' } });
    expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).not.toContain(taken);
    await bed.settledQuota();
    await end(job);
  });
});

/** A gang that has nothing to do with groups, from its start to its end: neither it nor the operator is led astray by them. */
async function runsWithoutGroup(sharing: keyof typeof pools, way: string): Promise<void> {
  const earlier = (await bed.audit.writes()).length;
  const job = await submitFake(bed, namespace, 'gang', { nodes: 3, spread: 'node', pools: [pools[sharing]] });
  expect(await inState(bed, job, 'Running')).toMatchObject({ attempts: 1, assignment: { way } });
  const resource = jobNow(bed, job);
  const pods = resource ? podsEver(bed, resource, 1) : [];
  expect(new Set(pods.map(({ metadata }) => metadata.name)).size).toBe(3);
  expect(pods.filter(({ spec }) => spec?.schedulingGroup !== undefined)).toEqual([]);
  const isOfGroups = (write: string): boolean => write.includes(pathOf('PodGroup', namespace));
  expect((await bed.audit.writes()).slice(earlier).filter(isOfGroups)).toEqual([]);
  await end(job);
  expect(jobNow(bed, job)?.status?.attempts).toBe(1);
}

describe('with PodGroups served, a gang', () => {
  afterEach(lawful);

  it('in an exclusive pool is pinned', async () => {
    await told('podGroup', 'Served');
    await runsWithoutGroup('exclusive', 'pinned');
  });

  it('that is bound by one goes on under an operator that is told to use none, which starts others by the gate', async () => {
    const before = await submitFake(bed, namespace, 'before', { pools: [pools.shared] });
    await inState(bed, before, 'Running');
    await lead('never');
    await runsWithoutGroup('shared', 'gate');
    await told('gate', 'SwitchedOff');
    await end(before);
    expect(jobNow(bed, before)?.status).toMatchObject({ attempts: 1, assignment: { way: 'podGroup' } });
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
  });
});

describe('with a kube-scheduler that has gone back to a version without PodGroups, a gang', () => {
  beforeAll(async () => {
    await up({ features: everywhere(GATES, ['kube-scheduler']) });
  });

  afterEach(lawful);

  it('of an operator that is told to use none starts by the gate', async () => {
    await runsWithoutGroup('shared', 'gate');
  });

  it('in an exclusive pool is pinned', async () => {
    await lead();
    await told('podGroup', 'Served');
    await runsWithoutGroup('exclusive', 'pinned');
  });

  it('of which a part is bound gives it back, and from then on gangs start by the gate', async () => {
    const { job, beaten, taken } = await takeRoom(bed, namespace, { pools: [pools.shared] });
    expect(beaten.status).toMatchObject({ failure: { reason: 'UnscheduledTimeout', attempt: 1 } });
    const parts = new Set(podsEver(bed, beaten, 1).map(({ spec }) => spec?.nodeName));
    expect(parts.size).toBe(2);
    expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 2, assignment: { way: 'gate' } });
    expect(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).not.toContain(taken);
    await expect.poll(groups, { timeout: 20_000, interval: 100 }).toEqual([]);
    await told('gate', 'Distrusted');
    await bed.settledQuota();
  });
});

describe('with an API server that goes back too, a gang', () => {
  afterEach(async () => {
    // While it starts it answers before it has read the roles, and forbids until then; the lease may be lost meanwhile.
    expect(savingForbidden(await bed.violations(EXPLAINED))).toEqual([]);
    expect(keeper.ends.filter((code) => code !== 1)).toEqual([]);
  });

  it('that runs as a PodGroup goes on to its end and leaves nothing; the next one starts by the gate', async () => {
    await lead();
    const job = await submitFake(bed, namespace, 'gang', { pools: [pools.shared] });
    const { assignment: { name = '', way } = {} } = await inState(bed, job, 'Running');
    expect([way, ...(await groups())]).toEqual(['podGroup', name]);
    const uid = jobNow(bed, job)?.metadata.uid;
    await up({ features: {} });
    const next = await submitFake(bed, namespace, 'next', { pools: [pools.shared] });
    expect(await inState(bed, next, 'Running')).toMatchObject({ assignment: { way: 'gate' } });
    await end(job);
    expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 1, assignment: { name, way: 'podGroup' } });
    const kinds = ['Secret', 'Service', 'NetworkPolicy'] as const;
    expect((await Promise.all(kinds.map(namesOf))).flat()).not.toContain(name);
    await end(next);
    await remove(bed, job);
    await gone(bed, job, uid);
    if (!FULL) return;
    // What an API server does not serve it cannot delete: the group goes when it is served again, for its job is gone.
    await up({ features: everywhere(GATES) });
    await expect.poll(groups, { timeout: 60_000, interval: 500 }).toEqual([]);
  });
});
