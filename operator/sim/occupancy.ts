/** What the simulated nodes hold, kept apart from the planner's own books, so that a mistake in those is seen. */
import type { Reservation, Resources, Start, WaitingGang } from '../core/model.ts';
import { GPU, type Machine, machineNodes } from './machine.ts';
import type { PoolSize, SeriesPoint } from './results.ts';
import type { WorkloadJob } from './workload.ts';

type NodeState = {
  readonly pool: PoolState;
  readonly capacity: number;
  readonly labels: Readonly<Record<string, string>>;
  used: number;
};
type PoolState = {
  readonly name: string;
  readonly units: number;
  readonly nodes: string[];
  used: number;
  running: number;
};
type Taken = { readonly node: NodeState; readonly units: number };

/** Accelerators that a member asks for, or processors where it asks for none. */
export function unitsOf(request: Resources): number {
  return request[GPU] ?? (request['cpu'] ?? 0) / 1000;
}

export class Occupancy {
  readonly #nodes = new Map<string, NodeState>();
  readonly #pools = new Map<string, PoolState>();
  readonly #taken = new Map<string, readonly Taken[]>();
  readonly #break: (what: string) => void;

  constructor(machine: Machine, onBroken: (what: string) => void) {
    this.#break = onBroken;
    const nodes = machineNodes(machine);
    let next = 0;
    for (const { name, nodes: count, perNode } of machine.pools) {
      const pool: PoolState = { name, units: count * perNode, nodes: [], used: 0, running: 0 };
      this.#pools.set(name, pool);
      for (const node of nodes.slice(next, next + count)) {
        pool.nodes.push(node.name);
        this.#nodes.set(node.name, { pool, capacity: perNode, labels: node.labels, used: 0 });
      }
      next += count;
    }
  }

  get sizes(): readonly PoolSize[] {
    return [...this.#pools.values()].map(({ name, nodes, units }) => ({ pool: name, nodes, units }));
  }

  take(uid: string, start: Start, job: WorkloadJob, gang: WaitingGang | undefined): void {
    const taken: Taken[] = [];
    start.parts.forEach(({ placements, members }, i) => {
      const part = gang?.parts[i];
      const placed = placements.reduce((sum, { count }) => sum + count, 0);
      if (placed !== members || placed !== part?.minMembers) this.#break(`job ${job.id} started in part`);
      for (const { node: name, count } of placements) {
        const node = this.#nodes.get(name);
        const units = count * unitsOf(part?.request ?? {});
        if (!node) {
          this.#break(`job ${job.id} started on ${name}, which is not there`);
          continue;
        }
        node.used += units;
        node.pool.used += units;
        if (node.used > node.capacity)
          this.#break(`node ${name} holds ${node.used} of ${node.capacity} with job ${job.id}`);
        taken.push({ node, units });
      }
    });
    for (const pool of new Set(taken.map(({ node }) => node.pool))) pool.running += 1;
    this.#taken.set(uid, taken);
  }

  give(uid: string): void {
    const taken = this.#taken.get(uid) ?? [];
    this.#taken.delete(uid);
    for (const { node, units } of taken) {
      node.used -= units;
      node.pool.used -= units;
    }
    for (const pool of new Set(taken.map(({ node }) => node.pool))) pool.running -= 1;
  }

  /** Units held, by node; without the nodes that hold none. */
  get used(): ReadonlyMap<string, number> {
    const held = [...this.#nodes].filter(([, { used }]) => used !== 0);
    return new Map(held.map(([name, { used }]) => [name, used]));
  }

  /** Distinct values of the label on the nodes; 1 where none carries it. */
  domains(placements: readonly { readonly node: string }[], label: string): number {
    return new Set(placements.map(({ node }) => this.#nodes.get(node)?.labels[label])).size;
  }

  points(at: number, waiting: number, reservations: readonly Reservation[]): readonly SeriesPoint[] {
    return [...this.#pools.values()].map(({ name, units, used, running, nodes }) => {
      const free = units - used;
      let inUse = 0;
      for (const node of nodes) {
        const state = this.#nodes.get(node);
        if (state && state.used > 0) inUse += state.capacity - state.used;
      }
      const reserved = reservations.reduce(
        (sum, { parts }) => sum + parts.reduce((all, { pool, members }) => all + (pool === name ? members : 0), 0),
        0,
      );
      return { at, pool: name, used, free, waiting, running, reserved, fragmentation: free === 0 ? 0 : inUse / free };
    });
  }
}
