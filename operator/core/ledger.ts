/** Room on nodes: what is free now, given what foreign pods and charged gangs hold. */
import type { ChargedGang, Node, Placement, Resources, Snapshot } from './model.ts';
import { type Demand, demandOf } from './resources.ts';

/** Members of a placement that still hold room: those whose pod is terminal do not. */
function holding({ first, count }: Placement, released: ReadonlySet<number>): number {
  let held = count;
  for (const member of released) if (member >= first && member < first + count) held -= 1;
  return held;
}

/** Where a charged gang holds room: members by node. */
function held(gang: ChargedGang): readonly (readonly [node: string, members: number])[] {
  const released = new Set(gang.released);
  return gang.placements.map((placement) => [placement.node, holding(placement, released)]);
}

/** The free amounts of every node, kept as gangs are placed and end. Nodes are known by their index in `nodes`. */
export class Ledger {
  readonly nodes: readonly Node[];
  /** Index of every node whose room has changed, in order: lets what is derived from the room follow the changes. */
  readonly touched: number[] = [];
  readonly #index: ReadonlyMap<string, number>;
  readonly #free: Record<string, number>[];

  constructor(nodes: readonly Node[], free: readonly Resources[] = nodes.map((node) => node.allocatable)) {
    this.nodes = nodes;
    this.#index = new Map(nodes.map((node, i) => [node.name, i]));
    this.#free = free.map((amounts) => ({ ...amounts }));
  }

  /** A copy that changes on its own. */
  clone(): Ledger {
    return new Ledger(this.nodes, this.#free);
  }

  /** Free amounts of the node with this index; negative where more is held than the node offers. */
  free(index: number): Resources {
    return this.#free[index] ?? {};
  }

  /** Takes room for `members` members on a node; a negative number gives it back. A node that is gone has no room to take. */
  take(node: string, demand: Demand, members: number): void {
    const index = this.#index.get(node);
    const free = index === undefined ? undefined : this.#free[index];
    if (index === undefined || !free || members === 0) return;
    for (const [resource, amount] of demand) free[resource] = (free[resource] ?? 0) - amount * members;
    this.touched.push(index);
  }

  /** Takes the room of a charged gang. */
  occupy(gang: ChargedGang): void {
    const demand = demandOf(gang.request);
    for (const [node, members] of held(gang)) this.take(node, demand, members);
  }

  /** Gives back the room of a charged gang. */
  vacate(gang: ChargedGang): void {
    const demand = demandOf(gang.request);
    for (const [node, members] of held(gang)) this.take(node, demand, -members);
  }
}

/** The room that the snapshot leaves free, on `nodes`. */
export function openLedger(snapshot: Snapshot, nodes: readonly Node[]): Ledger {
  const ledger = new Ledger(nodes);
  for (const pod of snapshot.foreign) ledger.take(pod.node, demandOf(pod.requests), 1);
  for (const gang of snapshot.charged) ledger.occupy(gang);
  return ledger;
}

/**
 * What is free on one node beside the gang `except`: what `refusal` is asked with, once for each node of a gang that
 * is charged already.
 */
export function freeOn(snapshot: Snapshot, node: Node, except: string): Resources {
  const charged = snapshot.charged.filter(({ uid }) => uid !== except);
  return openLedger({ ...snapshot, charged }, [node]).free(0);
}
