/**
 * Intermediate states: the operator is killed at each of the writes of a gang's life, once when the write is committed and
 * its reply was delivered, once when it is committed and the reply never comes. It starts again under the same name, takes
 * its lease back at once, and must lead to the end that an undisturbed run has (fault-tests: R1, R15).
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { isCountedWrite } from '../support/faultPlan.ts';
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
  reached,
  remove,
  submitFake,
} from '../support/jobs.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { standStill } from '../support/standing.ts';
import { endState } from './endState.ts';

/** More writes than any life here has: one that writes more has a fault of its own. */
const MOST_WRITES = 80;

type Moment = 'delivered' | 'unanswered';
type Life = {
  spec?: object;
  /** Leads the job to its end, whatever happens to the operator meanwhile. */
  live: (job: JobRef) => Promise<void>;
};

let bed: Bed;
let proxy: FaultProxy;
let kubeconfig: string;
let namespace: string;
let operator: OperatorProcess;
let restarts: Promise<void> = Promise.resolve();

beforeAll(async () => {
  bed = await Bed.make();
  namespace = await bed.namespace();
  proxy = await bed.proxy((request) => isCountedWrite(request) && request.target?.namespace === namespace);
  kubeconfig = await bed.credentials(proxy);
  operator = await bed.lead({ kubeconfig });
});

afterAll(async () => {
  await restarts;
  await bed?.close();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

async function restart(): Promise<void> {
  operator = await bed.lead({ kubeconfig });
}

/** A write without the names in it: `PATCH simulationjobs/status`, `POST pods`. */
function kindOf({ method, path: full }: { method: string; path: string }): string {
  const [path = ''] = full.split('?');
  const [resource, _name, ...rest] = path.replace(/^.*\/namespaces\/[^/]+\//, '').split('/');
  return `${method} ${[resource, ...rest].join('/')}`;
}

/**
 * Arms the proxy: the operator dies at the n-th write of its kind from now on, and is started again. Answers whether it has
 * died. Counted by kind, because how often a status is written or a pod deleted depends on which watch is faster.
 */
function killAt(kind: string, n: number, moment: Moment): { died: () => boolean } {
  let seen = 0;
  let target = 0;
  let died = false;
  const killed = Promise.withResolvers<void>();
  // Said before the write is sent: whoever sees what it did, and goes on, waits for the next operator from then on.
  const before = (k: number, request: { method: string; path: string }): undefined => {
    if (k === 0 || kindOf(request) !== kind) return;
    seen += 1;
    if (seen !== n) return;
    target = k;
    restarts = killed.promise.then(restart);
  };
  const kill = async (): Promise<void> => {
    died = true;
    proxy.hooks = {};
    await operator.signal('SIGKILL');
    killed.resolve();
  };
  const isTarget = (k: number): boolean => k > 0 && k === target;
  proxy.hooks =
    moment === 'delivered'
      ? { before, afterDelivery: async (k) => (isTarget(k) ? await kill() : undefined) }
      : {
          before,
          afterUpstream: async (k) => {
            if (!isTarget(k)) return undefined;
            await kill();
            return 'drop';
          },
        };
  return { died: () => died };
}

async function run(name: string, life: Life): Promise<unknown> {
  const job = await submitFake(bed, namespace, name, life.spec);
  await life.live(job);
  await restarts;
  return await endState(bed, job);
}

/** The job has ended, and nothing of its attempt is left to be written. */
async function ended(job: JobRef, state: string): Promise<void> {
  await inState(bed, job, state);
  await bed.history.until('the finalizer to go', () => (jobNow(bed, job)?.metadata.finalizers ?? []).length === 0);
}

const LIVES: Record<string, Life> = {
  'that succeeds': {
    live: async (job) => {
      await inState(bed, job, 'Running');
      await endFakes(bed, job);
      await ended(job, 'Succeeded');
    },
  },
  'that fails': {
    live: async (job) => {
      await inState(bed, job, 'Running');
      const failure = {
        outcome: 'failed',
        cause: 'ProgramFailed',
        code: 7,
        failedRank: 1,
        failedMember: 1,
        result: null,
      };
      await endFakes(bed, job, { exit: 7, message: outcome(failure) });
      await ended(job, 'Failed');
    },
  },
  'that is suspended while it runs, and resumed': {
    live: async (job) => {
      await inState(bed, job, 'Running');
      await change(bed, job, { suspend: true });
      await inState(bed, job, 'Stopping');
      await endFakes(bed, job, {
        exit: 143,
        message: outcome({ outcome: 'stopped', cause: 'Stopped', code: 143, result: null }),
      });
      await inState(bed, job, 'Suspended');
      await change(bed, job, { suspend: false });
      await reached(bed, job, 'running again', ({ state, attempts }) => state === 'Running' && attempts === 2);
      await endFakes(bed, job);
      await ended(job, 'Succeeded');
    },
  },
  'that is deleted while it runs': {
    live: async (job) => {
      const { metadata } = jobNow(bed, job) ?? (await bed.history.until('the job', () => jobNow(bed, job)));
      await inState(bed, job, 'Running');
      await remove(bed, job);
      await gone(bed, job, metadata.uid);
    },
  },
};

const chosen = Object.entries(LIVES).filter(([name]) => FULL || name === 'that succeeds');
/** The next operator finds the same in both; only the one that dies knows more when the reply has come. */
const moments: readonly Moment[] = FULL ? ['delivered', 'unanswered'] : ['unanswered'];

describe.each(chosen)('the life of a gang %s', (_name, life) => {
  it.each(moments)(
    'ends as if undisturbed when the operator dies at any write whose reply was %s',
    { timeout: 600_000 },
    async (moment) => {
      const tag = `run-${moment}-${Math.random().toString(36).slice(2, 6)}`;
      const before = proxy.writes.length;
      const reference = await run(`${tag}-0`, life);
      const undisturbed = proxy.writes.slice(before).map(kindOf);
      expect(undisturbed.length).toBeLessThan(MOST_WRITES);
      const killed = new Set<string>();
      for (const [index, kind] of undisturbed.entries()) {
        const n = undisturbed.slice(0, index + 1).filter((each) => each === kind).length;
        const { died } = killAt(kind, n, moment);
        const end = await run(`${tag}-${index + 1}`, life);
        if (died()) killed.add(kind);
        expect(end, `killed at ${kind} number ${n}, of: ${undisturbed.join(', ')}`).toEqual(reference);
      }
      proxy.hooks = {};
      expect(killed).toEqual(new Set(undisturbed));
    },
  );
});

it.runIf(FULL)('and then all is quiet', async () => {
  await standStill(bed);
});
