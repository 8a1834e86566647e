/** Resident memory of the operator as its chart runs it: idle, and with many jobs that wait in a stopped queue. */
import { readFile } from 'node:fs/promises';
import type { SimulationJob } from '../../crds/job.ts';
import { queueSpec } from '../../crds/queue.ts';
import { PODS, QUEUES, SIMULATION_JOBS } from '../../operator/controllers/resources.ts';
import { NAMESPACE } from '../../scripts/local/install.ts';
import { attempt, sleep } from '../cluster/sh.ts';
import type { Bench } from './bench.ts';
import { heatGang } from './gang.ts';
import { type Installed, installed, machineNote } from './installed.ts';
import { rounded } from './stats.ts';
import { Watching } from './watching.ts';

const QUEUE = 'bench-memory';
const AT_ONCE = 16;
const LIMIT = 3_600_000;
/** Milliseconds in which the operator has nothing to do before it is measured. */
const SETTLE = 15_000;

/** The process of the leading operator. Pods of the local cluster are processes of this machine. */
async function leaderPid({ cluster, client }: Installed): Promise<number> {
  const lease = ['get', 'lease', 'coxswain', `--namespace=${NAMESPACE}`, '--output=jsonpath={.spec.holderIdentity}'];
  const holder = await cluster.kubectl(lease);
  const pod = await client.get(PODS, { namespace: NAMESPACE, name: holder });
  const id = (
    await cluster.kubectl([
      'get',
      'pod',
      holder,
      `--namespace=${NAMESPACE}`,
      '--output=jsonpath={.status.containerStatuses[0].containerID}',
    ])
  ).replace(/^containerd:\/\//, '');
  const tasks = await cluster.ctr(pod.spec?.nodeName ?? '', ['tasks', 'list']);
  const pid = Number(
    tasks
      .split('\n')
      .find((line) => line.startsWith(id))
      ?.split(/\s+/)[1],
  );
  if (!Number.isInteger(pid)) throw new Error(`cannot find the process of ${holder}`);
  return pid;
}

/** Resident set now, and the largest ever, in MiB. */
async function resident(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string): number => rounded(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

/** Runs `work` on 0 … count-1, so many at once. */
async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function waitingJob(index: number, namespace: string): SimulationJob {
  const resources = { cpu: 1, memory: '256Mi' };
  return heatGang(`job-${index}`, namespace, { nodes: 1 + (index % 8), queue: QUEUE, resources, time: '1h' });
}

async function queueAll({ client, namespace }: Installed, count: number): Promise<{ created: number; told: number }> {
  using jobs = new Watching(client, SIMULATION_JOBS, namespace);
  await jobs.store.synced;
  // Counted as events come in: looking at all of them at each event would be slower than the operator.
  const told = new Set<string>();
  jobs.store.subscribe(({ key, object }) => object.status?.reason !== undefined && told.add(key));
  const began = Date.now();
  const everyone = jobs.until('a reason for every job', LIMIT, () => told.size === count);
  await each(count, async (index) => await client.create(SIMULATION_JOBS, waitingJob(index, namespace)));
  const created = Date.now();
  return { created: (created - began) / 1000, told: ((await everyone) - began) / 1000 };
}

async function remove({ client, namespace }: Installed, count: number): Promise<number> {
  using jobs = new Watching(client, SIMULATION_JOBS, namespace);
  await jobs.store.synced;
  const began = Date.now();
  const gone = jobs.until('all jobs to be gone', LIMIT, (store) => store.size === 0);
  await each(count, async (index) => await client.delete(SIMULATION_JOBS, { namespace, name: `job-${index}` }));
  return ((await gone) - began) / 1000;
}

export const bench: Bench = {
  name: 'memory',
  describe: 'resident memory of the operator, idle and with 10,000 queued jobs (--count: jobs)',
  async run({ count = 10_000, log }) {
    await using place = await installed(log);
    const { cluster, client } = place;
    const restart = ['rollout', 'restart', 'deployment/coxswain', `--namespace=${NAMESPACE}`];
    await cluster.kubectl(restart); // a fresh process: memory of earlier work is not the idle operator's
    await cluster.kubectl(['rollout', 'status', 'deployment/coxswain', `--namespace=${NAMESPACE}`, '--timeout=180s']);
    await sleep(SETTLE);
    const pid = await leaderPid(place);
    const idle = await resident(pid);
    log(`idle: ${idle.now} MiB`);
    await attempt(cluster.programs.kubectl, ['delete', 'queue', QUEUE], { env: cluster.env });
    const spec = queueSpec.parse({ state: 'stopped' });
    await client.create(QUEUES, {
      apiVersion: 'coxswain.dev/v1alpha1',
      kind: 'Queue',
      metadata: { name: QUEUE },
      spec,
    });
    try {
      const { created, told } = await queueAll(place, count);
      await sleep(SETTLE);
      const full = await resident(pid);
      log(`with ${count} jobs: ${full.now} MiB, told after ${told.toFixed(0)} s`);
      const removed = await remove(place, count);
      await sleep(SETTLE);
      const after = await resident(pid);
      return {
        figures: {
          jobs: count,
          idleMiB: idle.now,
          queuedMiB: full.now,
          queuedPeakMiB: full.peak,
          afterMiB: after.now,
          createSeconds: rounded(created),
          firstStatusOfAllSeconds: rounded(told),
          deleteSeconds: rounded(removed),
        },
        notes: [
          machineNote(),
          'the leading pod of the chart, with its limits, by /proc; the queue is stopped, so that nothing starts',
          `firstStatusOfAll counts from the first create; ${AT_ONCE} creates at once; goal: idle at most 160 MiB`,
        ],
      };
    } finally {
      await client.delete(QUEUES, { name: QUEUE });
    }
  },
};
