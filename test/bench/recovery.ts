/**
 * How long a gang and its operator need to come back: a node that falls silent, a rank that is killed, a pod that vanishes, a
 * leader that is killed, and a restart with many jobs. Times come from what was written: statuses and the Lease.
 */
import { readdir, readFile } from 'node:fs/promises';
import { open, up } from '../cluster/api.ts';
import { Bed, root } from '../support/bed.ts';
import { SYSTEM } from '../support/chart.ts';
import { imageOf, type JobRef, jobNow, podsOf, reached, submit, submitFake, withReason } from '../support/jobs.ts';
import type { OperatorProcess } from '../support/operator.ts';
import { pathOf } from '../support/paths.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { machineNote } from './installed.ts';
import { rounded } from './stats.ts';

/** What the chart ships, not the haste of the tests. */
const SHIPPED = {
  COXSWAIN_LEASE_SECONDS: '15',
  COXSWAIN_LEASE_RENEW_SECONDS: '10',
  COXSWAIN_LEASE_RETRY_SECONDS: '2',
  COXSWAIN_LOST_NODE_SECONDS: '20',
};
const JOBS = 10_000;
/** One more than the gang needs, so that it can run again while the node that it lost stays away. */
const NODES = 3;
/** States in which a gang holds no room. */
const WAITING = ['Restarting', 'Queued'];
/** More than any gang computes; and so many that the gang of this run is known by them. */
const REPEATS = String(900_000 + (process.pid % 100_000));
/** Jobs that are created at the same time. */
const AT_ONCE = 16;

const secondsSince = (began: number, text: string | undefined): number => {
  if (text === undefined) throw new Error('a time that should be written is not');
  return rounded((Date.parse(text) - began) / 1000);
};

/** A gang of MPI ranks on two real nodes that computes until it is stopped, and is tried again whatever happens to it. */
async function heat(bed: Bed, namespace: string, name: string): Promise<JobRef> {
  const job = await submit(
    bed,
    { kind: 'SimulationJob', namespace, name },
    {
      image: imageOf('heat'),
      command: ['heat', '--n', '32', '--steps', '200', '--repeat', REPEATS],
      nodes: 2,
      spread: 'node',
      restarts: 10,
      resources: { cpu: '200m', memory: '128Mi' },
      pools: [bed.pools.real],
    },
  );
  await reached(bed, job, 'running', ({ state }) => state === 'Running');
  return job;
}

/** What was seen of a job and its pods, a line for each change of its phase or state, with the seconds since `began`. */
function seen({ history }: Bed, { namespace, name }: JobRef, began: number, from: number): readonly string[] {
  const lines = new Map<string, string>();
  for (const { at, object, deleted } of history.entries.slice(from)) {
    const { metadata, status } = object;
    if (metadata.namespace !== namespace || !metadata.name?.startsWith(name)) continue;
    const stands = deleted ? 'gone' : (status?.phase ?? status?.state ?? 'new');
    const key = `${metadata.name} ${stands}`;
    if (!lines.has(key)) lines.set(key, `${((at - began) / 1000).toFixed(1).padStart(6)} s ${key}`);
  }
  return [...lines.values()];
}

/** Seconds until the room of a gang is free, and until it runs again. */
type Recovery = { readonly free: number; readonly again: number };

/** Does harm to a gang that runs, and waits until it runs again. */
async function recovery(bed: Bed, job: JobRef, { log }: BenchOptions, harm: () => Promise<void>): Promise<Recovery> {
  const { attempts: before = 0 } = jobNow(bed, job)?.status ?? {};
  const began = Date.now();
  const mark = { at: performance.now(), entries: bed.history.entries.length };
  await harm();
  const again = await reached(
    bed,
    job,
    'running again',
    ({ state, attempts = 0 }) => state === 'Running' && attempts > before,
    240_000,
  );
  for (const line of seen(bed, job, mark.at, mark.entries)) log(line);
  // Not waited for: the next attempt may begin in the same moment.
  const released = bed.history.entries.slice(mark.entries).find(({ kind, object: { metadata, status } }) => {
    return kind === job.kind && metadata.name === job.name && WAITING.some((state) => state === status?.state);
  });
  const admitted = released?.object.status?.conditions?.find(({ type }) => type === 'Admitted');
  return {
    free: secondsSince(began, admitted?.lastTransitionTime),
    again: secondsSince(began, again.assignment?.runningAt),
  };
}

/** Pid, on this machine, of a rank of the gang: no other program repeats itself as often. */
async function rankOfGang(): Promise<number> {
  const read = async (file: string): Promise<string> => await readFile(file, 'utf8').catch(() => '');
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || (await read(`/proc/${entry}/comm`)).trim() !== 'heat') continue;
    if ((await read(`/proc/${entry}/cmdline`)).split('\0').includes(REPEATS)) return Number(entry);
  }
  throw new Error('no rank of the gang runs');
}

type Figures = Record<string, number>;

async function ofGangs(bed: Bed, options: BenchOptions): Promise<Figures> {
  const { log } = options;
  const operator = await bed.lead({ env: SHIPPED });
  const namespace = await bed.namespace();
  const job = await heat(bed, namespace, 'heat');
  const worker = () => {
    const attempt = String(jobNow(bed, job)?.status?.attempts);
    // Pods of the attempt before are there too, for their logs.
    return podsOf(bed, job).filter(({ metadata }) => metadata.labels?.['coxswain.dev/attempt'] === attempt)[1];
  };

  log('a rank is killed');
  const rank = await recovery(bed, job, options, async () => {
    process.kill(await rankOfGang(), 'SIGKILL');
  });
  log('a pod vanishes');
  const pod = await recovery(bed, job, options, async () => {
    await bed.api.remove(pathOf('Pod', namespace, worker()?.metadata.name), { gracePeriodSeconds: 0 });
  });
  log('a node falls silent');
  const home = worker()?.spec?.nodeName ?? '';
  const kubelet = `kubelet-${home}`;
  let node: Recovery;
  try {
    node = await recovery(bed, job, options, async () => await bed.cluster.signal(kubelet, 'SIGSTOP'));
  } finally {
    await bed.cluster.signal(kubelet, 'SIGCONT');
  }
  const { failure } = jobNow(bed, job)?.status ?? {};
  if (failure?.reason !== 'NodeLost') throw new Error(`the gang was not ended by the node's loss: ${failure?.reason}`);
  await bed.deleteJobs();
  await operator.signal('SIGTERM');
  return {
    rankDeathFreeSeconds: rank.free,
    rankDeathRunningSeconds: rank.again,
    podVanishedFreeSeconds: pod.free,
    podVanishedRunningSeconds: pod.again,
    nodeLossFreeSeconds: node.free,
    nodeLossRunningSeconds: node.again,
  };
}

/** Seconds from the end of a leader to the next one's election, and to the first gang that it starts. */
async function ofLeaders(bed: Bed, { log }: BenchOptions): Promise<Figures> {
  log('a leader is killed');
  const first = await bed.lead({ holder: 'first', env: SHIPPED });
  const second = await bed.start({ holder: 'second', env: SHIPPED });
  await second.logged(({ msg }) => msg === 'the history is read');
  const began = Date.now();
  await first.signal('SIGKILL');
  const job = await submitFake(bed, await bed.namespace(), 'orphan');
  await second.leading();
  const { spec } = await bed.api.get<{ spec: { acquireTime?: string } }>(pathOf('Lease', SYSTEM, 'coxswain'));
  const status = await reached(bed, job, 'admitted', ({ assignment }) => assignment !== undefined);
  await bed.deleteJobs();
  await second.signal('SIGTERM');
  return {
    failoverElectedSeconds: secondsSince(began, spec.acquireTime),
    failoverStartSeconds: secondsSince(began, status.assignment?.admittedAt),
  };
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Seconds from the start of an operator, with so many jobs waiting, until it leads and until it has started a gang. */
async function ofRestart(bed: Bed, { count = JOBS, log }: BenchOptions): Promise<Figures> {
  let operator: OperatorProcess = await bed.lead({ env: SHIPPED });
  const namespace = await bed.namespace();
  const stopped = await bed.ownQueue({ state: 'stopped' });
  log(`${count} jobs are submitted`);
  await inParallel(count, async (index) => await submitFake(bed, namespace, `waiting-${index}`, { queue: stopped }));
  await bed.history.until(
    'all jobs to be told that they wait',
    () => bed.history.now('SimulationJob', namespace).every(({ status }) => status?.reason === 'QueueStopped'),
    900_000,
  );
  const probe = await submitFake(bed, namespace, 'probe', { queue: await bed.ownQueue({ state: 'stopped' }) });
  await withReason(bed, probe, 'QueueStopped');
  await operator.signal('SIGKILL');
  const queue = jobNow(bed, probe)?.spec?.queue ?? '';
  await bed.api.patch(pathOf('Queue', undefined, queue), { spec: { state: 'active' } });
  log('the operator starts again');
  const began = Date.now();
  operator = await bed.lead({ env: SHIPPED });
  const led = (Date.now() - began) / 1000;
  const status = await reached(bed, probe, 'admitted', ({ assignment }) => assignment !== undefined, 300_000);
  log('the jobs are removed');
  await inParallel(
    count,
    async (index) => await bed.api.remove(pathOf('SimulationJob', namespace, `waiting-${index}`)),
  );
  await bed.deleteJobs();
  await operator.signal('SIGTERM');
  return {
    restartJobs: count,
    restartLeadingSeconds: rounded(led),
    restartStartSeconds: secondsSince(began, status.assignment?.admittedAt),
  };
}

type Part = (bed: Bed, options: BenchOptions) => Promise<Figures>;

const PARTS: Readonly<Record<string, Part>> = {
  gangs: ofGangs,
  leaders: ofLeaders,
  restart: ofRestart,
};

async function measured(parts: readonly Part[], options: BenchOptions): Promise<BenchResult> {
  const bed = await Bed.make({ images: ['heat'] });
  try {
    const figures: Record<string, number> = {};
    for (const part of parts) Object.assign(figures, await part(bed, options));
    const found = await bed.violations();
    return {
      figures: { ...figures, violations: found.length },
      notes: [
        machineNote(),
        'free: the queue is charged nothing any more; a program that failed is tried again after a back-off of 5 s',
        'the controller-manager here calls a node lost after 16 s of silence; Kubernetes waits 50 s unless told otherwise',
        ...found.slice(0, 5),
      ],
    };
  } finally {
    await bed.close();
  }
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const parts = (options.only ?? Object.keys(PARTS)).map((name) => {
    const part = PARTS[name];
    if (!part) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}; not ${name}`);
    return part;
  });
  if (!root) throw new Error('this bench needs real nodes, and they need root');
  const { nodes } = (await open()) ?? (await up());
  await up({ real: Math.max(nodes.length, NODES) });
  try {
    return await measured(parts, options);
  } finally {
    await up({ real: nodes.length });
  }
}

export const bench: Bench = {
  name: 'recovery',
  describe:
    'seconds until gangs and operator are back after a lost node, rank, pod, leader, and a restart with 10,000 jobs (--only gangs,leaders,restart)',
  run,
};
