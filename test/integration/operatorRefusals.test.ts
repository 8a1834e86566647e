/** What cannot start, or not now: each with the reason that a user reads in `kubectl get`, and nothing left behind. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packImage } from '../cluster/api.ts';
import { Bed, root } from '../support/bed.ts';
import {
  endFakes,
  inState,
  jobNow,
  podsOf,
  reached,
  submit,
  submitFake,
  submitScript,
  withReason,
} from '../support/jobs.ts';
import { type KindName, pathOf } from '../support/paths.ts';

const ROOT_IMAGE = 'localhost/insists-on-root:test';

let bed: Bed;
let namespace: string;

beforeAll(async () => {
  bed = await Bed.make({ scripts: true });
  // A wrong image is given up after the unscheduled timeout; nobody here waits a minute for it.
  await bed.lead({ env: { COXSWAIN_UNSCHEDULED_SECONDS: '6' } });
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

async function setQueue(name: string, spec: object): Promise<void> {
  await bed.api.patch(pathOf('Queue', undefined, name), { spec });
}

/** Objects of a kind in the namespace that belong to jobs. */
async function ours(kind: KindName): Promise<string[]> {
  const all = await bed.api.list(`${pathOf(kind, namespace)}?labelSelector=app.kubernetes.io/managed-by%3Dcoxswain`);
  return all.map(({ metadata }) => metadata.name);
}

describe('a job waits, with the reason,', () => {
  it('for a queue that does not exist, and starts when it does', async () => {
    const job = await submitFake(bed, namespace, 'lost', { queue: 'no-such-queue' });
    const status = await withReason(bed, job, 'QueueNotFound');
    expect(status).toMatchObject({ state: 'Queued', message: 'queue no-such-queue does not exist' });
    await bed.create('Queue', 'no-such-queue', {});
    await inState(bed, job, 'Running');
  });

  it('for a queue that is stopped, and starts when it is active', async () => {
    const queue = await bed.ownQueue({ state: 'stopped' });
    const job = await submitFake(bed, namespace, 'stopped', { queue });
    expect((await withReason(bed, job, 'QueueStopped')).message).toBe(`queue ${queue} is stopped`);
    await setQueue(queue, { state: 'active' });
    await inState(bed, job, 'Running');
  });

  it('for more quota than its queue has at all', async () => {
    const queue = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: { cpu: 3 } }] });
    const job = await submitFake(bed, namespace, 'greedy', { queue, resources: { cpu: 2 } });
    const status = await withReason(bed, job, 'ExceedsQuota');
    expect(status.message).toBe(`needs 4 CPU for 2 members; queue ${queue} may use 3 in pool ${bed.pools.fake}`);
  });

  it('for quota that another gang holds, and starts when that has ended', async () => {
    const queue = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: { cpu: 3 } }] });
    const first = await submitFake(bed, namespace, 'first', { queue });
    await inState(bed, first, 'Running');
    const second = await submitFake(bed, namespace, 'second', { queue });
    const status = await withReason(bed, second, 'WaitingForQuota');
    expect(status.message).toMatch(/has 2 of 3 CPU in pool .* in use; needs 2, 1 free/);
    await endFakes(bed, first);
    await inState(bed, second, 'Running');
  });

  it('for a pool that is larger than any', async () => {
    const job = await submitFake(bed, namespace, 'huge', { nodes: 5, resources: { cpu: 60 } });
    const status = await withReason(bed, job, 'ExceedsPool');
    expect(status.message).toMatch(/needs 5 members of 60 CPU.*could hold at most 4 when empty/);
  });

  it('for nodes that its selector matches', async () => {
    const job = await submitFake(bed, namespace, 'picky', { nodeSelector: { colour: 'green' } });
    const status = await withReason(bed, job, 'NoMatchingNodes');
    expect(status.message).toMatch(/none of the 4 nodes of pool .* carries colour=green/);
  });

  it('for a pool that has no nodes', async () => {
    const pool = `empty-${namespace}`;
    await bed.create('ComputePool', pool, { selector: { matchLabels: { 'no-such': 'label' } } });
    const job = await submitFake(bed, namespace, 'alone', { pools: [pool] });
    expect((await withReason(bed, job, 'PoolEmpty')).message).toBe(`no node matches the selector of pool ${pool}`);
  });
});

describe('a gang is rolled back', () => {
  it('when the third of its three pods is refused, and starts when it no longer is', async () => {
    const queue = await bed.ownQueue({});
    const limit = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'pods' },
      spec: { hard: { pods: '2' } },
    };
    await bed.api.create(pathOf('ResourceQuota', namespace), limit);
    const job = await submitFake(bed, namespace, 'three', { queue, nodes: 3 });
    const refused = await reached(
      bed,
      job,
      'refused and rolled back',
      ({ state, failure }) => state === 'Queued' && failure?.reason === 'PodsRefused',
    );
    expect(refused.failure?.message).toMatch(/exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2/);
    await bed.history.until('the pods to be gone', () => podsOf(bed, job).length === 0);
    for (const kind of ['Secret', 'Service', 'NetworkPolicy'] as const) expect(await ours(kind)).toEqual([]);
    await bed.history.until('the queue to be charged nothing', () => {
      const status = bed.history.now('Queue').find(({ metadata }) => metadata.name === queue)?.status;
      return status?.active === 0 && (status.usage ?? []).length === 0;
    });
    await bed.api.patch(pathOf('ResourceQuota', namespace, 'pods'), { spec: { hard: { pods: '3' } } });
    await inState(bed, job, 'Running');
  });

  it('when its pool names a runtime that is not there, and starts with it when it is', async () => {
    const [pool, runtime] = [`ran-by-${namespace}`, `runtime-${namespace}`];
    const tolerations = [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }];
    const selector = { matchLabels: { type: 'kwok' } };
    await bed.create('ComputePool', pool, { selector, tolerations, runtimeClassName: runtime });
    const job = await submitFake(bed, namespace, 'odd', { pools: [pool] });
    const refused = await reached(bed, job, 'refused', ({ failure }) => failure?.reason === 'PodsRefused');
    expect(refused.failure?.message).toContain(`RuntimeClass "${runtime}" not found`);
    const classes = '/apis/node.k8s.io/v1/runtimeclasses';
    const made = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: runtime }, handler: 'runc' };
    await bed.api.create(classes, made);
    try {
      await inState(bed, job, 'Running');
      expect(podsOf(bed, job).map(({ spec }) => spec)).toEqual([
        expect.objectContaining({ runtimeClassName: runtime }),
        expect.objectContaining({ runtimeClassName: runtime }),
      ]);
    } finally {
      await bed.api.remove(`${classes}/${runtime}`);
    }
  });
});

describe('the API server refuses', () => {
  it.each([
    ['1heat', /beginning with a letter/],
    ['heat.v2', /no dots/],
    ['h'.repeat(53), /52/],
    ['Heat', /lower case/i],
  ])('a job named %s', async (name, words) => {
    await expect(submitFake(bed, namespace, name)).rejects.toThrow(words);
  });

  it('a gang without members, or with none of its minimum', async () => {
    await expect(submitFake(bed, namespace, 'none', { nodes: 0 })).rejects.toThrow(/spec.nodes/);
    await expect(submitFake(bed, namespace, 'few', { nodes: 2, minNodes: 3 })).rejects.toThrow(
      'minNodes must be at most nodes',
    );
  });

  it('an environment that lies about who a rank is', async () => {
    const env = [{ name: 'COXSWAIN_ATTEMPT', value: '7' }];
    await expect(submitFake(bed, namespace, 'liar', { env })).rejects.toThrow(/set by the operator/);
  });

  it('another program for a job that exists', async () => {
    const job = await submitFake(bed, namespace, 'fixed');
    const path = pathOf(job.kind, namespace, job.name);
    await expect(bed.api.patch(path, { spec: { command: ['other'] } })).rejects.toThrow(
      'command cannot change after creation; delete the SimulationJob and create it again',
    );
    await inState(bed, job, 'Running');
    await expect(bed.api.patch(path, { spec: { queue: 'other' } })).rejects.toThrow(/suspend it first/);
  });
});

describe.skipIf(!root).concurrent('a job fails, with the reason,', () => {
  it('when its image cannot be pulled', async () => {
    const namespace = await bed.namespace();
    const job = await submitScript(bed, namespace, 'pull', 'true', {
      image: 'localhost/no-such-image:0',
      imagePullPolicy: 'IfNotPresent',
      infrastructureRetries: 0,
    });
    const early = await withReason(bed, job, 'ImagePullFailed');
    expect(early.message).toMatch(/no-such-image/);
    const status = await inState(bed, job, 'Failed');
    expect(status).toMatchObject({ reason: 'ImagePullFailed', failure: { attempt: 1 } });
    expect(status.message).toMatch(/no-such-image/);
  });

  it('when its image is not there and may not be pulled', async () => {
    const namespace = await bed.namespace();
    const image = { image: 'localhost/no-such-image:0', imagePullPolicy: 'Never' };
    const job = await submitScript(bed, namespace, 'never', 'true', image);
    expect(await inState(bed, job, 'Failed')).toMatchObject({ reason: 'InvalidImage' });
  });

  it('when its command is not in the image', async () => {
    const namespace = await bed.namespace();
    const job = await submitScript(bed, namespace, 'typo', '', { command: ['/no/such/program'] });
    const status = await inState(bed, job, 'Failed');
    expect(status).toMatchObject({ reason: 'CommandNotFound', failure: { exitCode: 127 } });
    expect(status.message).toMatch(/not in the image, or cannot be executed/);
  });

  it('when its image insists on root', async () => {
    const namespace = await bed.namespace();
    const folder = await mkdtemp(join(tmpdir(), 'cx-root-'));
    try {
      await mkdir(join(folder, 'layer/bin'), { recursive: true });
      const tar = join(folder, 'image.tar');
      await packImage({ name: ROOT_IMAGE, layers: [join(folder, 'layer')], config: { Env: ['PATH=/bin'] } }, tar);
      await bed.cluster.importImage(tar);
    } finally {
      await rm(folder, { recursive: true });
    }
    const job = await submit(
      bed,
      { kind: 'SimulationJob', namespace, name: 'root' },
      {
        image: ROOT_IMAGE,
        command: ['program'],
        resources: { cpu: '100m', memory: '64Mi' },
        pools: [bed.pools.real],
      },
    );
    const status = await inState(bed, job, 'Failed');
    expect(status).toMatchObject({ reason: 'ImageRunsAsRoot' });
    expect(status.message).toMatch(/root/);
  });

  it('when it needs a Secret that does not exist', async () => {
    const namespace = await bed.namespace();
    const job = await submitScript(bed, namespace, 'secret', 'true', {
      envFrom: [{ secretRef: { name: 'no-such-secret' } }],
    });
    const status = await inState(bed, job, 'Failed');
    expect(status).toMatchObject({ reason: 'ContainerRefused' });
    expect(status.message).toContain('no-such-secret');
    await bed.history.until('its finalizer to go', () => jobNow(bed, job)?.metadata.finalizers === undefined);
  });
});
