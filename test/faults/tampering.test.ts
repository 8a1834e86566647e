/** What people and other controllers do to the operator's objects behind its back: repaired, or told, and nothing leaks. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { attemptName, FINALIZER } from '../../operator/core/names.ts';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import { EXPLAINED, FULL, savingForbidden } from '../support/faultSeed.ts';
import { Storm } from '../support/faultStorm.ts';
import {
  endFakes,
  gone,
  inState,
  type JobRef,
  jobNow,
  podsOf,
  remove,
  submitFake,
  withReason,
} from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';

let bed: Bed;
let keeper: Keeper;

beforeAll(async () => {
  bed = await Bed.make();
  keeper = await Keeper.lead(bed, {});
});

afterAll(async () => {
  await keeper?.stop('SIGTERM');
  await bed?.close();
});

afterEach(async () => {
  expect(savingForbidden(await bed.violations(EXPLAINED))).toEqual([]);
  expect(keeper.ends).toEqual([]);
});

/** A gang that runs in a namespace of its own, and the path of its job. */
async function running(name: string): Promise<{ job: JobRef; path: string; uid: string | undefined }> {
  const namespace = await bed.namespace();
  const job = await submitFake(bed, namespace, name);
  await inState(bed, job, 'Running');
  return { job, path: pathOf(job.kind, namespace, name), uid: jobNow(bed, job)?.metadata.uid };
}

/** Path of the pod of one member. */
function podPath(job: JobRef, member: number): string {
  return pathOf('Pod', job.namespace, podsOf(bed, job)[member]?.metadata.name);
}

/** Of a pod that a namespace with PodSecurity `restricted` admits, and that no node suits. */
const spec = {
  nodeSelector: { 'no-such': 'label' },
  containers: [
    {
      name: 'main',
      image: 'localhost/none:none',
      securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  ],
};

async function noPodsLeft({ namespace }: JobRef): Promise<void> {
  await bed.history.until('all pods to be gone', () => bed.history.now('Pod', namespace).length === 0);
  await bed.settledQuota();
}

// Most of their time is patience with pods, which runs for all at once.
describe.concurrent('a gang that runs', () => {
  it('gets its finalizer back, and keeps its room until its pods are gone', async () => {
    const { job, path, uid } = await running('stripped');
    const stripped = await bed.api.patch(path, { metadata: { finalizers: null } });
    expect(stripped.metadata.finalizers).toBeUndefined();
    await bed.history.until('the finalizer to be back', () => {
      const { resourceVersion, finalizers = [] } = jobNow(bed, job)?.metadata ?? {};
      return Number(resourceVersion) > Number(stripped.metadata.resourceVersion) && finalizers.includes(FINALIZER);
    });
    await remove(bed, job);
    await gone(bed, job, uid);
    await noPodsLeft(job);
  });

  it('leaves no pod behind whose owner reference was taken off', async () => {
    const { job, uid } = await running('disowned');
    for (const member of [0, 1]) await bed.api.patch(podPath(job, member), { metadata: { ownerReferences: null } });
    await remove(bed, job);
    await bed.history.until('the job to be gone', () => jobNow(bed, job)?.metadata.uid !== uid);
    await noPodsLeft(job);
  });

  it('that has ended leaves no pod behind whose owner reference was taken off', async () => {
    const { job, uid } = await running('disowned-late');
    await endFakes(bed, job);
    await inState(bed, job, 'Succeeded');
    await bed.api.patch(podPath(job, 0), { metadata: { ownerReferences: null } });
    await remove(bed, job);
    await bed.history.until('the job to be gone', () => jobNow(bed, job)?.metadata.uid !== uid);
    await noPodsLeft(job);
  });

  it('that is gone takes a pod with it of which it is seen only now that nobody owns it', async ({ expect }) => {
    const { job, uid } = await running('disowned-too-late');
    const [pod] = podsOf(bed, job);
    await remove(bed, job);
    await gone(bed, job, uid);
    await noPodsLeft(job);
    // As the operator sees it when the events of pods come later than those of jobs.
    const { name, labels } = pod?.metadata ?? {};
    await bed.api.create(pathOf('Pod', job.namespace), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec,
    });
    await expect.poll(async () => await bed.api.find(pathOf('Pod', job.namespace, name))).toBeUndefined();
  });

  it('is tried again when the labels of a pod were stomped on, and the pod goes', async () => {
    const { job } = await running('stomped');
    const labels = { 'coxswain.dev/attempt': null, 'coxswain.dev/member': 'seven' };
    await bed.api.patch(podPath(job, 1), { metadata: { labels } });
    await withReason(bed, job, 'PodDeleted');
    await bed.history.until('attempt 2', () => {
      const { state, attempts } = jobNow(bed, job)?.status ?? {};
      return state === 'Running' && attempts === 2;
    });
    const { uid } = jobNow(bed, job)?.metadata ?? {};
    await remove(bed, job);
    await gone(bed, job, uid);
    await noPodsLeft(job);
  });

  it('goes with its namespace', async ({ expect }) => {
    const { job, uid } = await running('evicted');
    const { namespace } = job;
    const queued = await submitFake(bed, namespace, 'huge', { nodes: 5, resources: { cpu: 60 } });
    await withReason(bed, queued, 'ExceedsPool');
    await bed.api.remove(pathOf('Namespace', undefined, namespace));
    await gone(bed, job, uid);
    await expect
      .poll(async () => await bed.api.find(pathOf('Namespace', undefined, namespace)), { timeout: 60_000 })
      .toBe(undefined);
    await noPodsLeft(job);
  });
});

it('a pod of the same name that is none of ours is left alone, and the gang starts under another', async () => {
  const namespace = await bed.namespace();
  const queue = await bed.ownQueue({ state: 'stopped' });
  const job = await submitFake(bed, namespace, 'twin', { queue });
  await withReason(bed, job, 'QueueStopped');
  const { uid = '' } = jobNow(bed, job)?.metadata ?? {};
  const name = `${attemptName({ name: 'twin', uid }, 1)}-1`;
  const foreign = await bed.api.create(pathOf('Pod', namespace), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec,
  });
  await bed.api.patch(pathOf('Queue', undefined, queue), { spec: { state: 'active' } });
  await bed.history.until('the conflict to be told', () => {
    const { failure, attempts } = jobNow(bed, job)?.status ?? {};
    return failure?.reason === 'PodConflict' && attempts === 1;
  });
  expect(jobNow(bed, job)?.status?.failure?.message).toContain(name);
  await bed.history.until('attempt 2', () => jobNow(bed, job)?.status?.state === 'Running');
  expect(jobNow(bed, job)?.status).toMatchObject({ attempts: 2 });
  const still = await bed.api.find(pathOf('Pod', namespace, name));
  expect(still?.metadata).toMatchObject({ uid: foreign.metadata.uid });
  expect(still?.metadata.deletionTimestamp).toBeUndefined();
  await bed.api.remove(pathOf('Pod', namespace, name));
});

it.runIf(FULL)('rights that are taken and given back cost time, and nothing else', { timeout: 240_000 }, async () => {
  const path = pathOf('ClusterRoleBinding', undefined, 'coxswain');
  const binding = await bed.api.get<object & { metadata: { name: string; labels?: object; annotations?: object } }>(
    path,
  );
  const { name, labels, annotations } = binding.metadata;
  const storm = await Storm.gather(bed);
  await bed.api.remove(path);
  try {
    await storm.strike();
    await delay(90_000);
  } finally {
    await bed.api.create(path.replace(/\/[^/]*$/, ''), { ...binding, metadata: { name, labels, annotations } });
  }
  await storm.settle();
  const found = await bed.violations(EXPLAINED);
  expect(found.length).toBeGreaterThan(savingForbidden(found).length);
});

it('and then all is quiet', async () => {
  await standStill(bed);
});
