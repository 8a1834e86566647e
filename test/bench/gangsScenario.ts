/** One measurement of `gangs`: a fresh cluster of fake nodes, so many gangs of so many members, one way of placing. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { computePoolSpec } from '../../crds/computePool.ts';
import { COMPUTE_POOLS, SIMULATION_JOBS } from '../../operator/controllers/resources.ts';
import { readJob } from '../../operator/core/job.ts';
import type { Client } from '../../operator/kube/client.ts';
import { findCredentials } from '../../operator/kube/credentials.ts';
import { connect } from '../../operator/kube/httpClient.ts';
import type { Resource } from '../../operator/kube/resource.ts';
import type { KubeObject } from '../../operator/kube/types.ts';
import { renderPod } from '../../operator/render/pod.ts';
import type { Log } from '../../scripts/local/progress.ts';
import { type Cluster, down, everywhere, up } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import { applySurroundings, RELEASE, SYSTEM } from '../support/chart.ts';
import { OperatorProcess } from '../support/operator.ts';
import { heatGang } from './gang.ts';
import { Bindings } from './gangsBindings.ts';
import { cpuSeconds, idleShare } from './processTimes.ts';

/** `Bare`: plain Jobs and kube-scheduler, without the operator. */
export const WAYS = ['Bare', 'Exclusive', 'Gate', 'PodGroup'] as const;
export type Way = (typeof WAYS)[number];

export type Scenario = { readonly gangs: number; readonly members: number; readonly way: Way };

export type Measured = {
  /** From the first create to the last binding. */
  readonly seconds: number;
  readonly podsPerSecond: number;
  /** Seconds of processor time per 1,000 pods, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Share of the machine that nobody used just before. */
  readonly idleBefore: number;
  /** Gangs that were begun more than once: the pods of their first attempts count, and some of their last may not. */
  readonly again: number;
};

const CLUSTER = 'bench-gangs';
const NAMESPACE = 'bench';
const NODES = 1_000;
const AT_ONCE = 16;
const LIMIT = 900_000;
/** Sixteen to a node, so that all gangs fit at once and placing, not waiting, is measured. */
const MEMBER = { cpu: 4, memory: '1Gi' };
const TOLERATIONS = [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' as const, effect: 'NoSchedule' as const }];
/** Of the audit log in two seconds: the heartbeats of the nodes are a third of it. */
const QUIET_BYTES = 100_000;
const IDLE_LIMIT = 180_000;
/** Share of the machine that is to be idle before a measurement: below it the machine was not ours alone. */
export const QUIET = 0.8;
const PROCESSES = ['kube-apiserver', 'etcd', 'kube-scheduler', 'kube-controller-manager', 'kwok'];

const JOBS: Resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true };

function gangOf(index: number, members: number): ReturnType<typeof heatGang> {
  return heatGang(`gang-${index}`, NAMESPACE, {
    image: 'localhost/fake:none',
    command: ['program'],
    nodes: members,
    resources: MEMBER,
    time: '1h',
  });
}

/** The pods that the operator would make, in a plain Job: only what names the member is the same in all of them. */
function plainJob(index: number, members: number): KubeObject & Record<string, unknown> {
  const resource = gangOf(index, members);
  resource.metadata.uid = '00000000-0000-0000-0000-000000000000';
  const job = readJob(resource);
  if (!job.program) throw new Error(job.problem);
  const assignment = {
    attempt: 1,
    name: `${job.name}-bcdfg`,
    pool: 'default',
    queue: 'default',
    members,
    way: 'pinned' as const,
    placements: [{ node: 'fake-0000', first: 0, count: members }],
    resources: { cpu: MEMBER.cpu * 1000, memory: 2 ** 30, pods: 1 },
    admittedAt: '2026-01-01T00:00:00.000Z',
  };
  const settings = { launcherImage: 'localhost/fake:none', operatorNamespace: SYSTEM, lostNodeSeconds: 20 };
  const gang = { job, program: job.program, assignment, settings, tolerations: TOLERATIONS };
  const pod = renderPod(gang, 1, '') as { metadata: { labels: object }; spec: Record<string, unknown> };
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = pod.spec;
  return {
    metadata: { name: job.name, namespace: NAMESPACE },
    spec: {
      parallelism: members,
      completions: members,
      template: { metadata: { labels: pod.metadata.labels }, spec: { ...spec, nodeSelector: { type: 'kwok' } } },
    },
  };
}

/** The operator's own defaults: those of the tests are shorter than a machine with much to do allows. */
const LEASE = { COXSWAIN_LEASE_SECONDS: '', COXSWAIN_LEASE_RENEW_SECONDS: '', COXSWAIN_LEASE_RETRY_SECONDS: '' };

async function startOperator(cluster: Cluster, client: Client, way: Way): Promise<OperatorProcess> {
  await applySurroundings(cluster);
  const spec = computePoolSpec.parse({
    selector: { matchLabels: { type: 'kwok' } },
    tolerations: TOLERATIONS,
    sharing: way === 'Exclusive' ? 'exclusive' : 'shared',
  });
  const pool = { apiVersion: 'coxswain.dev/v1alpha1', kind: 'ComputePool', metadata: { name: 'default' }, spec };
  await client.create(COMPUTE_POOLS, pool);
  const operator = OperatorProcess.start({
    holder: 'bench',
    kubeconfig: await cluster.serviceAccountKubeconfig(join(cluster.folder, 'bench.kubeconfig'), SYSTEM, RELEASE),
    namespace: SYSTEM,
    launcherImage: 'localhost/fake:none',
    env: { ...LEASE, COXSWAIN_POD_GROUPS: way === 'PodGroup' ? 'auto' : 'never', ...profiling() },
  });
  await operator.leading();
  return operator;
}

/** `COXSWAIN_BENCH_PROFILE=FOLDER` has Node write a CPU profile of the operator there when it ends. */
function profiling(): Record<string, string> {
  const folder = process.env['COXSWAIN_BENCH_PROFILE'];
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}

/** New nodes, and a new operator, are still being written about for a while. */
async function settled(auditLog: string): Promise<void> {
  const size = async (): Promise<number> => (await stat(auditLog)).size;
  let before = await size();
  const quiet = async (): Promise<boolean> => {
    const grown = (await size()) - before;
    before += grown;
    return grown < QUIET_BYTES;
  };
  await until('the cluster to settle', 300_000, quiet, 2_000);
}

/** Waits until the machine has nothing else to do, within bounds; answers what share of it was idle at last. */
async function idle(): Promise<number> {
  const end = Date.now() + IDLE_LIMIT;
  for (;;) {
    const share = await idleShare(5_000);
    if (share >= QUIET || Date.now() > end) return share;
  }
}

async function submit(client: Client, { gangs, members, way }: Scenario): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < gangs) {
      const index = next;
      next += 1;
      if (way === 'Bare') await client.create(JOBS, plainJob(index, members));
      else await client.create(SIMULATION_JOBS, gangOf(index, members));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function begunAgain(client: Client): Promise<number> {
  const { items } = await client.list(SIMULATION_JOBS, { namespace: NAMESPACE });
  return items.filter((item) => (item as { status?: { attempts?: number } }).status?.attempts !== 1).length;
}

async function pidsOf(cluster: Cluster, operator: OperatorProcess | undefined): Promise<Map<string, number>> {
  const pids = new Map<string, number>();
  for (const name of PROCESSES) pids.set(name, (await cluster.pid(name)) ?? 0);
  if (operator) pids.set('operator', operator.pid);
  return pids;
}

/** Measures on a cluster that is made for it and removed. */
export async function measure(scenario: Scenario, log: Log): Promise<Measured> {
  const { gangs, members, way } = scenario;
  const pods = gangs * members;
  await down(CLUSTER);
  const cluster = await up({ name: CLUSTER, real: 0, fake: NODES, features: everywhere(['GenericWorkload']), log });
  const client = connect({
    credentials: await findCredentials({ kubeconfig: cluster.kubeconfig }),
    qps: 10_000,
    burst: 10_000,
  });
  let operator: OperatorProcess | undefined;
  try {
    await cluster.kubectl(['create', 'namespace', NAMESPACE]);
    if (way !== 'Bare') operator = await startOperator(cluster, client, way);
    await settled(cluster.auditLog);
    const idleBefore = await idle();
    await using bindings = await Bindings.of(cluster.auditLog, NAMESPACE);
    const pids = await pidsOf(cluster, operator);
    const used = (): Map<string, number> => new Map([...pids].map(([name, pid]) => [name, cpuSeconds(pid)]));
    const before = used();
    const submitted = submit(client, scenario);
    const alive = (): void => {
      if (operator?.running === false) throw new Error('the operator has ended');
    };
    const [seconds] = await Promise.all([bindings.until(pods, LIMIT, alive), submitted]);
    const cpu = [...used()].map(([name, now]): [string, number] => [
      name,
      (now - (before.get(name) ?? 0)) / (pods / 1000),
    ]);
    const again = way === 'Bare' ? 0 : await begunAgain(client);
    return { seconds, podsPerSecond: pods / seconds, cpu: Object.fromEntries(cpu), idleBefore, again };
  } catch (error) {
    throw new Error(`${String(error)}\n${operator?.tail(10) ?? ''}`, { cause: error });
  } finally {
    for (const line of operator?.log.filter(({ level }) => level !== 'info').slice(0, 20) ?? [])
      log(JSON.stringify(line));
    await operator?.signal('SIGTERM');
    await client.close();
    await down(CLUSTER);
    await rm(cluster.folder, { recursive: true, force: true });
  }
}
