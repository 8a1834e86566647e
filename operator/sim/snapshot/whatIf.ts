/** Changes of a saved state to ask about: more nodes, nodes drained, one more job. */
import { belongs, obstacle } from '../../core/feasible.ts';
import type { Node, Pool, Resources, Snapshot, WaitingGang } from '../../core/model.ts';
import { HOSTNAME } from '../../core/names.ts';
import { SnapshotError } from './error.ts';

function poolOf({ pools }: Snapshot, name: string): Pool {
  const pool = pools.find((each) => each.name === name);
  if (pool) return pool;
  throw new SnapshotError(`there is no pool ${name}; there are ${pools.map((each) => each.name).join(', ') || 'none'}`);
}

const byName = (a: Node, b: Node) => (a.name < b.name ? -1 : Number(a.name > b.name));

/**
 * `count` more nodes like the first of the pool's that can take gangs, its labels and so its place in the topology
 * included. Answers the name of that one too. Throws SnapshotError.
 */
export function addNodes(snapshot: Snapshot, poolName: string, count: number): readonly [Snapshot, like: string] {
  const pool = poolOf(snapshot, poolName);
  const members = snapshot.nodes.filter((node) => belongs(node, pool)).toSorted(byName);
  const model = members.find((node) => obstacle(node, pool) === undefined);
  if (!model) throw new SnapshotError(`pool ${poolName} has no node that could take gangs, and so none to copy`);
  const taken = new Set(snapshot.nodes.map(({ name }) => name));
  const added: Node[] = [];
  for (let i = 1; added.length < count; i += 1) {
    const name = `${model.name}-added-${i}`;
    if (taken.has(name)) continue;
    const labels = model.labels[HOSTNAME] === undefined ? model.labels : { ...model.labels, [HOSTNAME]: name };
    added.push({ ...model, name, labels });
  }
  return [{ ...snapshot, nodes: [...snapshot.nodes, ...added] }, model.name];
}

/** Nodes whose label has the value are cordoned: who runs there goes on. Answers how many. Throws SnapshotError. */
export function drain(snapshot: Snapshot, label: string, value: string): readonly [Snapshot, count: number] {
  const count = snapshot.nodes.filter(({ labels }) => labels[label] === value).length;
  if (count === 0) throw new SnapshotError(`no node carries the label ${label}=${value}`);
  const nodes = snapshot.nodes.map((node) => (node.labels[label] === value ? { ...node, unschedulable: true } : node));
  return [{ ...snapshot, nodes }, count];
}

export type NewJob = {
  readonly name: string;
  readonly namespace: string;
  readonly queue: string;
  readonly priority: number;
  readonly members: number;
  readonly request: Resources;
  readonly pool?: string;
  /** Walltime in seconds. */
  readonly time?: number;
};

/** One more waiting gang, submitted at `now`. Throws SnapshotError. */
export function addJob(snapshot: Snapshot, job: NewJob, now: number): readonly [Snapshot, WaitingGang] {
  const { name, namespace, queue, priority, members, request, pool, time } = job;
  if (pool !== undefined) poolOf(snapshot, pool);
  const gang: WaitingGang = {
    uid: `what-if/${name}`,
    namespace,
    name,
    queue,
    priority,
    submittedAt: now,
    parts: [
      {
        minMembers: members,
        maxMembers: members,
        request: { ...request, pods: 1 },
        nodeSelector: {},
        spread: false,
        ...(pool !== undefined && { pools: [pool] }),
      },
    ],
    avoid: [],
    ...(time !== undefined && { time }),
  };
  return [{ ...snapshot, waiting: [...snapshot.waiting, gang] }, gang];
}
