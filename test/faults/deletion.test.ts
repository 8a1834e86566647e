/** A job is deleted in each state of its life: it goes, and so does everything of it, and its queue is charged nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
import { FULL } from '../support/faultSeed.ts';
import {
  change,
  endFakes,
  gone,
  inState,
  type JobRef,
  jobNow,
  outcome,
  podsOf,
  remove,
  submitFake,
} from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';
import { standStill } from '../support/standing.ts';

let bed: Bed;
let proxy: FaultProxy;
let namespace: string;

beforeAll(async () => {
  bed = await Bed.make();
  proxy = await bed.proxy(() => false);
  await bed.lead({ kubeconfig: await bed.credentials(proxy) });
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

const failure = { exit: 7, message: outcome({ outcome: 'failed', cause: 'ProgramFailed', code: 7, result: null }) };

const stopped = { exit: 143, message: outcome({ outcome: 'stopped', cause: 'Stopped', code: 143, result: null }) };

/** What leads a job into a state, holds it there, and lets go once it has been deleted. */
type Phase = { queue?: object; spec?: object; reach: (job: JobRef) => Promise<(() => Promise<void>) | undefined> };

/** A finalizer of somebody else keeps a pod, and with it the gang, from being gone. */
async function clutch(job: JobRef): Promise<() => Promise<void>> {
  const [first] = podsOf(bed, job);
  const path = pathOf('Pod', namespace, first?.metadata.name);
  await bed.api.patch(path, { metadata: { finalizers: ['test.coxswain.dev/clutch'] } });
  return async () => {
    await bed.api.patch(path, { metadata: { finalizers: null } });
  };
}

const PHASES: Record<string, Phase> = {
  Queued: {
    queue: { state: 'stopped' },
    reach: async (job) => {
      await inState(bed, job, 'Queued');
      return undefined;
    },
  },
  Admitted: {
    reach: async (job) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      // The creation of its pods is under way all the while, and reaches the API server after the deletion.
      proxy.hooks = {
        before: async (_k, { method, target }) => {
          if (method === 'POST' && target?.plural === 'pods') await promise;
          return undefined;
        },
      };
      await inState(bed, job, 'Admitted');
      return async () => {
        proxy.hooks = {};
        resolve();
      };
    },
  },
  Starting: {
    reach: async (job) => {
      await bed.cluster.signal('kube-scheduler', 'SIGSTOP');
      await inState(bed, job, 'Starting');
      return async () => await bed.cluster.signal('kube-scheduler', 'SIGCONT');
    },
  },
  Running: {
    reach: async (job) => {
      await inState(bed, job, 'Running');
      return undefined;
    },
  },
  Stopping: {
    reach: async (job) => {
      await inState(bed, job, 'Running');
      const release = await clutch(job);
      await bed.api.remove(pathOf('Pod', namespace, podsOf(bed, job)[0]?.metadata.name));
      await inState(bed, job, 'Stopping');
      return release;
    },
  },
  Restarting: {
    spec: { restarts: 3 },
    reach: async (job) => {
      await inState(bed, job, 'Running');
      await endFakes(bed, job, failure);
      await inState(bed, job, 'Restarting');
      return undefined;
    },
  },
  Suspended: {
    reach: async (job) => {
      await inState(bed, job, 'Running');
      await change(bed, job, { suspend: true });
      await inState(bed, job, 'Stopping');
      // As real programs end that are asked to; these hear nothing, and would be waited for.
      await endFakes(bed, job, stopped);
      await inState(bed, job, 'Suspended');
      return undefined;
    },
  },
  Succeeded: {
    reach: async (job) => {
      await inState(bed, job, 'Running');
      await endFakes(bed, job);
      await inState(bed, job, 'Succeeded');
      return undefined;
    },
  },
  Failed: {
    reach: async (job) => {
      await inState(bed, job, 'Running');
      await endFakes(bed, job, failure);
      await inState(bed, job, 'Failed');
      return undefined;
    },
  },
};

async function nothingLeft(): Promise<void> {
  const kinds = ['SimulationJob', 'Pod', 'Secret', 'Service', 'NetworkPolicy'] as const;
  const left = async (): Promise<string[]> => {
    const lists = await Promise.all(
      kinds.map(async (kind) => (await bed.api.list(pathOf(kind, namespace))).map(({ metadata }) => metadata.name)),
    );
    return lists.flat();
  };
  await expect.poll(left, { timeout: 30_000, interval: 100 }).toEqual([]);
}

describe('a job that is deleted', () => {
  it.each(Object.keys(PHASES))('while it is %s is gone with all that it had', async (state) => {
    const phase = PHASES[state];
    const name = state.toLowerCase();
    const queue = await bed.ownQueue(phase?.queue ?? {});
    const job = await submitFake(bed, namespace, name, { queue, ...phase?.spec });
    const release = await phase?.reach(job);
    const uid = jobNow(bed, job)?.metadata.uid;
    expect(jobNow(bed, job)?.status?.state).toBe(state);
    try {
      await remove(bed, job);
      await bed.history.until('the deletion to begin', () => {
        const now = jobNow(bed, job);
        return now === undefined || now.metadata.deletionTimestamp !== undefined;
      });
    } finally {
      await release?.();
    }
    await gone(bed, job, uid);
    await nothingLeft();
    await bed.settledQuota();
  });

  it('and created again under the same name at once is another job, run on its own', async () => {
    const job = await submitFake(bed, namespace, 'phoenix');
    await inState(bed, job, 'Running');
    const seen = new Set<string>();
    for (let life = 0; life < 3; life += 1) {
      const uid = jobNow(bed, job)?.metadata.uid ?? '';
      seen.add(uid);
      await remove(bed, job);
      const again = async (): Promise<boolean> =>
        await submitFake(bed, namespace, 'phoenix').then(
          () => true,
          () => false,
        );
      await expect.poll(again, { timeout: 30_000, interval: 1 }).toBe(true);
      await bed.history.until('the new job', () => (jobNow(bed, job)?.metadata.uid ?? uid) !== uid);
      await inState(bed, job, 'Running');
    }
    seen.add(jobNow(bed, job)?.metadata.uid ?? '');
    expect(seen.size).toBe(4);
    await endFakes(bed, job);
    const status = await inState(bed, job, 'Succeeded');
    expect(status.attempts).toBe(1);
    // Of the lives before, nothing is left.
    await bed.history.until('only its own pods to be left', () => bed.history.now('Pod', namespace).length === 2);
    await bed.settledQuota();
  });
});

it.runIf(FULL)('and then all is quiet', async () => {
  await standStill(bed);
});
