/** Short ways to write snapshots: everything has a plain default, and a test names only what it is about. */
import type {
  ChargedGang,
  ForeignPod,
  Node,
  Pool,
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

/** A gang of `members` members of `cpu` CPUs each; its UID is its name. */
export function gang(name: string, members: number, cpu: number, more: Partial<WaitingGang> = {}): WaitingGang {
  return {
    uid: name,
    namespace: 'team',
    name,
    queue: 'default',
    priority: 0,
    submittedAt: NOW - 100,
    minMembers: members,
    maxMembers: members,
    request: { ...amounts(cpu), pods: 1 },
    nodeSelector: {},
    spread: false,
    avoid: [],
    ...more,
  };
}

/** A gang that holds one member of `cpu` CPUs on each of the nodes. */
export function running(
  name: string,
  on: readonly string[],
  cpu: number,
  more: Partial<ChargedGang> = {},
): ChargedGang {
  return {
    uid: name,
    queue: 'default',
    pool: 'default',
    members: on.length,
    request: { ...amounts(cpu), pods: 1 },
    placements: on.map((node, first) => ({ node, first, count: 1 })),
    released: [],
    ...more,
  };
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
    ...more,
  };
}
