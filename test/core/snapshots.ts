/** Short ways to write snapshots: everything has a plain default, and a test names only what it is about. */
import type {
  ChargedGang,
  ChargedPart,
  ForeignPod,
  Maintenance,
  Node,
  Part,
  Pool,
  Prediction,
  Queue,
  Resources,
  Snapshot,
  WaitingGang,
} from '../../operator/core/model.ts';

export const GI = 1024 ** 3;
export const NOW = 1_800_000_000;

/** `cpu` in whole CPUs, `memory` in GiB. */
export function amounts(cpu: number, memory = 0, gpu = 0): Resources {
  return {
    cpu: cpu * 1000,
    ...(memory > 0 ? { memory: memory * GI } : {}),
    ...(gpu > 0 ? { 'nvidia.com/gpu': gpu } : {}),
  };
}

export function node(name: string, cpu = 4, more: Partial<Node> = {}): Node {
  const labels = { 'kubernetes.io/hostname': name, ...more.labels };
  const allocatable = { pods: 110, ...amounts(cpu, 64), ...more.allocatable };
  return { name, taints: [], unschedulable: false, ready: true, ...more, labels, allocatable };
}

/** `count` nodes n0, n1, … */
export function nodes(count: number, cpu = 4): readonly Node[] {
  return Array.from({ length: count }, (_, i) => node(`n${i}`, cpu));
}

export function pool(name = 'default', more: Partial<Pool> = {}): Pool {
  return { name, selector: {}, tolerations: [], topologyKeys: [], ...more };
}

export function queue(name = 'default', more: Partial<Queue> = {}): Queue {
  return { name, state: 'active', order: 'skipping', ...more };
}

/** `members` members of `cpu` CPUs each. */
export function part(members: number, cpu: number, more: Partial<Part> = {}): Part {
  return {
    minMembers: members,
    maxMembers: members,
    request: { ...amounts(cpu), pods: 1 },
    nodeSelector: {},
    spread: false,
    ...more,
  };
}

/** What a test may say of a gang and, if it has only one, of its part. */
type GangOptions = Partial<WaitingGang> & Partial<Omit<Part, 'name'>>;

/** A gang of `members` members of `cpu` CPUs each; its UID is its name. */
export function gang(name: string, members: number, cpu: number, more: GangOptions = {}): WaitingGang {
  const {
    minMembers,
    maxMembers,
    request,
    pools,
    nodeSelector,
    requiredTopology,
    preferredTopology,
    spread,
    ...whole
  } = more;
  const ofPart = { minMembers, maxMembers, request, pools, nodeSelector, requiredTopology, preferredTopology, spread };
  return {
    uid: name,
    namespace: 'team',
    name,
    queue: 'default',
    priority: 0,
    submittedAt: NOW - 100,
    parts: [part(members, cpu, given(ofPart))],
    avoid: [],
    ...whole,
  };
}

/** Without the members that are undefined. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A gang of one part that holds one member of `cpu` CPUs on each of the nodes, for an hour so far and without an end. */
export function running(
  name: string,
  on: readonly string[],
  cpu: number,
  more: Partial<Omit<ChargedGang, 'parts'> & ChargedPart> = {},
): ChargedGang {
  const {
    pool = 'default',
    members = on.length,
    request = { ...amounts(cpu), pods: 1 },
    placements = on.map((node, first) => ({ node, first, count: 1 })),
    released = [],
    ...whole
  } = more;
  const parts = [{ pool, members, request, placements, released }];
  return { uid: name, queue: 'default', parts, startedAt: NOW - 3600, ...whole };
}

/** A gang started an hour ago whose walltime ends in so many seconds from NOW. */
export function endsIn(seconds: number): Pick<ChargedGang, 'startedAt' | 'time'> & { time: number } {
  return { startedAt: NOW - 3600, time: 3600 + seconds };
}

/** A prediction that is sure: every quantile is `run` seconds. */
export function prediction(run: number, more: Partial<Prediction> = {}): Prediction {
  return { q10: run, q50: run, q75: run, q90: run, ...more };
}

/** `from` and `until` in seconds from NOW. */
export function maintenance(from: number, until: number, more: Partial<Maintenance> = {}): Maintenance {
  return { name: 'upgrade', pool: 'default', from: NOW + from, until: NOW + until, ...more };
}

export function foreign(node: string, requests: Resources): ForeignPod {
  return { node, requests: { pods: 1, ...requests } };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    nodes: nodes(2),
    pools: [pool()],
    queues: [queue()],
    waiting: [],
    charged: [],
    foreign: [],
    maintenance: [],
    ...more,
  };
}
