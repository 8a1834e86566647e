/** Nodes that are cordoned, drained and deleted under a gang, and a pod that goes while nobody looks. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { FULL } from '../support/faultSeed.ts';
import { endFakes, inState, type JobRef, jobNow, podsOf, reached, submitFake } from '../support/jobs.ts';
import type { Thing } from '../support/kubeApi.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';

let bed: Bed;
let namespace: string;
let operator: OperatorProcess;

beforeAll(async () => {
  bed = await Bed.make();
  operator = await bed.lead();
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

/** A gang that runs, and the node of its first member. */
async function running(name: string): Promise<{ job: JobRef; home: string }> {
  const job = await submitFake(bed, namespace, name);
  await inState(bed, job, 'Running');
  return { job, home: podsOf(bed, job)[0]?.spec?.nodeName ?? '' };
}

const nodesOf = (job: JobRef): (string | undefined)[] => podsOf(bed, job).map(({ spec }) => spec?.nodeName);

async function cordon(node: string, unschedulable: boolean): Promise<void> {
  await bed.api.patch(pathOf('Node', undefined, node), { spec: { unschedulable } });
  await bed.history.until(`${node} to be cordoned or not`, () =>
    bed.history.now('Node').some(({ metadata, spec }) => {
      const now = (spec as { unschedulable?: boolean } | undefined)?.unschedulable ?? false;
      return metadata.name === node && now === unschedulable;
    }),
  );
}

/** The gang runs in its second attempt, on other nodes than `home`, for `reason`. */
async function movedFrom(job: JobRef, home: string, reasons: readonly string[]): Promise<void> {
  const status = await reached(
    bed,
    job,
    'running elsewhere',
    ({ state, attempts }) => state === 'Running' && attempts === 2,
    120_000,
  );
  expect(reasons).toContain(status.failure?.reason);
  expect(status).toMatchObject({ infrastructureRetries: 1, failure: { attempt: 1, node: home } });
  const placed = (jobNow(bed, job)?.status?.assignment?.placements ?? []).map(({ node }) => node);
  expect(placed).not.toContain(home);
}

async function finish(job: JobRef): Promise<void> {
  await bed.history.until('the pods of earlier attempts to be gone', () => podsOf(bed, job).length === 2);
  await endFakes(bed, job);
  await inState(bed, job, 'Succeeded');
  await bed.settledQuota();
}

describe('under a gang that runs', () => {
  it('a node is cordoned: it goes on, and no other comes there', async () => {
    const { job, home } = await running('resident');
    await cordon(home, true);
    try {
      const other = await submitFake(bed, namespace, 'other');
      await inState(bed, other, 'Running');
      await bed.history.until('its members to be bound', () => nodesOf(other).every((node) => node !== undefined));
      expect(nodesOf(other)).not.toContain(home);
      expect(await inState(bed, job, 'Running')).toMatchObject({ attempts: 1 });
      for (const each of [job, other]) await endFakes(bed, each);
      expect(await inState(bed, job, 'Succeeded')).toMatchObject({ attempts: 1 });
    } finally {
      await cordon(home, false);
    }
  });

  it('a node is drained: the whole gang is tried again elsewhere', async () => {
    const { job, home } = await running('drained');
    await cordon(home, true);
    try {
      for (const { metadata, spec } of podsOf(bed, job)) {
        if (spec?.nodeName !== home) continue;
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace } };
        await bed.api.create(`${pathOf('Pod', namespace, metadata.name)}/eviction`, eviction);
      }
      await movedFrom(job, home, ['PodEvicted', 'PodDeleted']);
    } finally {
      await cordon(home, false);
    }
    await finish(job);
  });

  it('a node is deleted: the whole gang is tried again elsewhere', async () => {
    const { job, home } = await running('homeless');
    const node = await bed.api.get<Thing & { spec: object; status: object }>(pathOf('Node', undefined, home));
    await bed.api.remove(pathOf('Node', undefined, home));
    try {
      await movedFrom(job, home, ['NodeLost']);
    } finally {
      const { name, labels = {}, annotations = {} } = node.metadata;
      const { status, spec } = node;
      await bed.api.create(pathOf('Node'), {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels, annotations },
        spec,
        status,
      });
    }
    await finish(job);
  });
});

// In the short set by watch.test.ts: its storm strikes while no operator runs.
it.runIf(FULL)('a pod that is deleted by force while no operator runs is missed by the next one', async () => {
  const { job, home } = await running('unseen');
  const [, second] = podsOf(bed, job);
  await operator.signal('SIGKILL');
  await bed.api.remove(pathOf('Pod', namespace, second?.metadata.name), { gracePeriodSeconds: 0 });
  await bed.history.until('the pod to be gone', () => podsOf(bed, job).length === 1);
  operator = await bed.lead();
  const status = await reached(
    bed,
    job,
    'running again',
    ({ state, attempts }) => state === 'Running' && attempts === 2,
  );
  expect(status).toMatchObject({ infrastructureRetries: 1, failure: { reason: 'PodDeleted', member: 1, node: home } });
  await finish(job);
});

it.runIf(FULL)('and then all is quiet', async () => {
  await standStill(bed);
});
