/** Gathers, from what is watched, everything one plan needs. Reads only; the plan itself is pure. */
import type { ComputePool } from '../../crds/computePool.ts';
import { parseDuration } from '../../crds/duration.ts';
import type { JobResource } from '../../crds/job.ts';
import type { Assignment } from '../../crds/jobStatus.ts';
import { parseQuantity } from '../../crds/quantity.ts';
import type { Queue as QueueResource } from '../../crds/queue.ts';
import { type Job, memberRequest, type Program, walltime } from '../core/job.ts';
import { holdsRoom, isTerminal } from '../core/lifecycle/conditions.ts';
import type * as model from '../core/model.ts';
import { LABEL } from '../core/names.ts';
import { parseTime } from '../core/time.ts';
import { podRequests } from './podRequests.ts';
import { isOverPod, ownerUid } from './podView.ts';
import type { Node, Pod } from './resources.ts';
import type { World } from './world.ts';

/** A start that was decided but that the store does not show yet. */
export type Assumed = {
  readonly start: model.Start;
  readonly request: model.Resources;
  readonly time?: number;
  /** Number that the attempt will bear, and the generation of the job that was planned. */
  readonly attempt: number;
  readonly generation: number;
  readonly since: number;
};

export function nodeModel(node: Node): model.Node {
  const { spec, status } = node;
  const allocatable = Object.entries(status?.allocatable ?? {}).map(([name, q]) => [name, parseQuantity(name, q)]);
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: spec?.taints ?? [],
    unschedulable: spec?.unschedulable ?? false,
    ready: (status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True'),
    allocatable: Object.fromEntries(allocatable) as model.Resources,
  };
}

export function poolModel({ metadata, spec }: ComputePool): model.Pool {
  return {
    name: metadata.name,
    selector: spec.selector as model.Selector,
    tolerations: (spec.tolerations ?? []) as readonly model.Toleration[],
    topologyKeys: spec.topologyKeys ?? [],
  };
}

function amounts(quantities: Record<string, string | number> | undefined): model.Resources {
  return Object.fromEntries(Object.entries(quantities ?? {}).map(([name, q]) => [name, parseQuantity(name, q)]));
}

function queueModel({ metadata, spec }: QueueResource): model.Queue {
  const pools = spec.pools && Object.fromEntries(spec.pools.map((p) => [p.pool, amounts(p.quota)]));
  const maxTime = spec.maxTime === undefined ? undefined : parseDuration(spec.maxTime);
  return {
    name: metadata.name,
    state: spec.state,
    order: spec.order,
    ...(spec.namespaces && spec.namespaces.length > 0 && { namespaces: spec.namespaces }),
    ...(pools && { pools }),
    ...(spec.maxPriority !== undefined && { maxPriority: spec.maxPriority }),
    ...(maxTime !== undefined && { maxTime }),
  };
}

/** The device resource that `gpusPerNode` stands for: that of the first pool the job may use which has accelerators. */
function deviceOf(
  { spec }: Program,
  queue: QueueResource['spec'] | undefined,
  pools: readonly ComputePool[],
): string | undefined {
  const ofQueue = queue?.pools?.map((p) => p.pool);
  const allowed = pools.filter(
    ({ metadata: { name } }) => (spec.pools?.includes(name) ?? true) && (ofQueue?.includes(name) ?? true),
  );
  return allowed.find((p) => p.spec.accelerator)?.spec.accelerator?.resource;
}

function waitingGang(
  job: Job,
  program: Program,
  { request, time }: { request: model.Resources; time: number | undefined },
  now: number,
): model.WaitingGang {
  const { spec } = program;
  const notBefore = parseTime(job.status.requeueAt);
  return {
    uid: job.uid,
    namespace: job.namespace,
    name: job.name,
    queue: spec.queue,
    priority: spec.priority,
    submittedAt: job.submittedAt,
    minMembers: spec.minNodes ?? spec.nodes,
    maxMembers: spec.maxNodes ?? spec.nodes,
    request,
    nodeSelector: spec.nodeSelector ?? {},
    spread: spec.spread === 'node',
    avoid: (job.status.avoid ?? []).filter((e) => (parseTime(e.until) ?? 0) > now).map((e) => e.node),
    ...(time !== undefined && { time }),
    ...(spec.pools && spec.pools.length > 0 && { pools: spec.pools }),
    ...(spec.topology?.required !== undefined && { requiredTopology: spec.topology.required }),
    ...(spec.topology?.preferred !== undefined && { preferredTopology: spec.topology.preferred }),
    ...(notBefore !== undefined && { notBefore, backoffReason: job.status.failure?.reason ?? job.status.reason ?? '' }),
  };
}

function chargedGang(job: Job, assignment: Assignment, pods: readonly Pod[]): model.ChargedGang {
  const { queue, pool, members, resources, placements, timeSeconds, attempt } = assignment;
  const mine = pods.filter((pod) => pod.metadata.labels?.[LABEL.attempt] === String(attempt));
  const released = mine.filter(isOverPod).map((pod) => Number(pod.metadata.labels?.[LABEL.member]));
  // A pod that is gone while the gang stops has given its room back too.
  if (job.status.state === 'Stopping') {
    const there = new Set(mine.map((pod) => Number(pod.metadata.labels?.[LABEL.member])));
    for (let member = 0; member < members; member += 1) if (!there.has(member)) released.push(member);
  }
  const began = parseTime(assignment.runningAt) ?? parseTime(assignment.admittedAt);
  const endsBy = timeSeconds !== undefined && began !== undefined ? began + timeSeconds : undefined;
  return {
    uid: job.uid,
    queue,
    pool,
    members,
    request: resources,
    placements,
    released,
    ...(endsBy !== undefined && { endsBy }),
  };
}

function assumedGang(queue: string, a: Assumed): model.ChargedGang {
  const { uid, pool, members, placements } = a.start;
  const endsBy = a.time === undefined ? undefined : a.since + a.time;
  return {
    uid,
    queue,
    pool,
    members,
    placements,
    request: a.request,
    released: [],
    ...(endsBy !== undefined && { endsBy }),
  };
}

export type Gathered = {
  readonly snapshot: model.Snapshot;
  /** Resources of the gangs that wait, by UID. */
  readonly waiting: ReadonlyMap<string, JobResource>;
};

/** Pods that hold room on a node beside the gangs that are counted by their assignment. */
function foreignPods(world: World, attempts: ReadonlyMap<string, string>): model.ForeignPod[] {
  return world.pods.list().flatMap((pod) => {
    const node = pod.spec?.nodeName;
    if (node === undefined || isOverPod(pod)) return [];
    const owner = ownerUid(pod);
    const counted = owner !== undefined && attempts.get(owner) === pod.metadata.labels?.[LABEL.attempt];
    return counted ? [] : [{ node, requests: podRequests(pod) }];
  });
}

/** Whether the plan has to find a place for the job. */
function waits(job: Job): job is Job & { program: Program } {
  return job.program !== undefined && !job.deleting && !isTerminal(job.status.state) && !job.program.spec.suspend;
}

/** Snapshot at `now`; `assumed`: starts by UID that the store does not show yet. */
export function gather(world: World, assumed: ReadonlyMap<string, Assumed>, now: number): Gathered {
  const waiting: model.WaitingGang[] = [];
  const charged: model.ChargedGang[] = [];
  const resources = new Map<string, JobResource>();
  /** Attempt that each charged job is in: its pods are counted through the assignment. */
  const attempts = new Map<string, string>();
  const pools = world.pools.list().sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

  for (const resource of world.jobResources()) {
    const job = world.job(resource);
    const { program, status } = job;
    const start = assumed.get(job.uid);
    if (holdsRoom(status.state) && status.assignment) {
      charged.push(chargedGang(job, status.assignment, world.pods.by('job', job.uid)));
      attempts.set(job.uid, String(status.assignment.attempt));
    } else if (start && program) {
      charged.push(assumedGang(program.spec.queue, start));
      attempts.set(job.uid, String(start.attempt));
    } else if (waits(job)) {
      const { spec } = job.program;
      const queue = world.queues.get(spec.queue)?.spec;
      const request = memberRequest(job.program, deviceOf(job.program, queue, pools));
      // As Slurm has it: a job that names no time gets the queue's default, else the most the queue allows.
      const time = walltime(spec, queue?.defaultTime ?? queue?.maxTime);
      waiting.push(waitingGang(job, job.program, { request, time }, now));
      resources.set(job.uid, resource);
    }
  }

  const snapshot = {
    nodes: world.nodes.list().map(nodeModel),
    pools: pools.map(poolModel),
    queues: world.queues.list().map(queueModel),
    waiting,
    charged,
    foreign: foreignPods(world, attempts),
  };
  return { snapshot, waiting: resources };
}
