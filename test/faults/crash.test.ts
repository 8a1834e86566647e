/**
 * Intermediate states: the operator is killed at each of the writes of a gang's life, once when the write is committed and
 * its reply was delivered, once when it is committed and the reply never comes. It starts again under the same name, takes
 * its lease back at once, and must lead to the end that an undisturbed run has (fault-tests: R1, R15).
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed } from '../support/bed.ts';
import { isCountedWrite } from '../support/faultPlan.ts';
import type { FaultProxy } from '../support/faultProxy.ts';
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
import { endState } from './endState.ts';

/** More writes than any life here has: an enumeration that does not end by itself is a fault of its own. */
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
function kindOf(write: { method: string; path: string } | undefined): string {
  const [path = ''] = write?.path.split('?') ?? [];
  const [resource, _name, ...rest] = path.replace(/^.*\/namespaces\/[^/]+\//, '').split('/');
  return [write?.method, [resource, ...rest].join('/')].join(' ');
}

/** Arms the proxy: the operator dies at the k-th write from now on, and is started again. Answers whether it has died. */
function killAt(k: number, moment: Moment): { died: () => boolean } {
  const target = proxy.writes.length + k;
  let died = false;
  const kill = async (): Promise<void> => {
    died = true;
    proxy.hooks = {};
    await operator.signal('SIGKILL');
    restarts = restart();
  };
  proxy.hooks =
    moment === 'delivered'
      ? { afterDelivery: async (n) => (n === target ? await kill() : undefined) }
      : {
          afterUpstream: async (n) => {
            if (n !== target) return undefined;
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

const full = process.env['COXSWAIN_FULL'] === '1';
const chosen = Object.entries(LIVES).filter(([name]) => full || name === 'that succeeds' || name.includes('deleted'));

describe.each(chosen)('the life of a gang %s', (_name, life) => {
  it.each<Moment>(['delivered', 'unanswered'])(
    'ends as if undisturbed when the operator dies at any write whose reply was %s',
    { timeout: 600_000 },
    async (moment) => {
      const tag = `run-${moment}-${Math.random().toString(36).slice(2, 6)}`;
      const before = proxy.writes.length;
      const reference = await run(`${tag}-0`, life);
      const undisturbed = proxy.writes.slice(before).map(({ method, path }) => `${method} ${path}`);
      const killed = new Set<string>();
      let k = 1;
      for (; k < MOST_WRITES; k += 1) {
        const from = proxy.writes.length;
        const { died } = killAt(k, moment);
        const end = await run(`${tag}-${k}`, life);
        if (!died()) break;
        killed.add(kindOf(proxy.writes[from + k - 1]));
        expect(end, `killed at write ${k}, of these: ${undisturbed.join('\n')}`).toEqual(reference);
      }
      proxy.hooks = {};
      console.log(`killed at each of ${k - 1} writes; an undisturbed life has ${undisturbed.length}`);
      // How often a status is written depends on which watch is faster; that no kind of write is left out does not.
      const kinds = new Set(proxy.writes.slice(before, before + undisturbed.length).map(kindOf));
      expect(killed).toEqual(new Set([...killed, ...kinds]));
      expect(k).toBeLessThan(MOST_WRITES);
    },
  );
});
