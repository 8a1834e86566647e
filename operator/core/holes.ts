/**
 * The holes a pool has for one shape of member: how many members each node could take now. Kept up from the ledger's
 * list of touched nodes, so that a gang of a known shape costs what has changed and not the size of the pool.
 */
import type { Ledger } from './ledger.ts';
import type { Node } from './model.ts';
import { type Demand, membersThatFit } from './resources.ts';

/** A node with room for at least one member. */
export type Hole = {
  readonly node: Node;
  /** Members it could take. */
  readonly count: number;
  /** How little we like to use it for this shape: devices it has and the members do not need, soft taints. */
  readonly reluctance: number;
  /** Share of the node's requested resources left over after `count` members, summed: breaks ties of tightness. */
  readonly slack: number;
};

/** Nodes by index in the ledger, with the reluctance of each for the shape. */
export type Candidates = readonly (readonly [index: number, reluctance: number])[];

export class Holes {
  readonly #ledger: Ledger;
  readonly #candidates: Candidates;
  readonly #demand: Demand;
  /** Most members of one gang on one node. */
  readonly #perNode: number;
  /** By node index; -1 where the node is no candidate. */
  readonly #counts: Int32Array;
  #total = 0;
  #seen = 0;
  /** Members that fit by value, for each label that was asked about. */
  readonly #domains = new Map<string, Map<string, number>>();
  #scarcest: { readonly seen: number; readonly resource: string } | undefined;

  constructor(ledger: Ledger, candidates: Candidates, demand: Demand, perNode: number) {
    this.#ledger = ledger;
    this.#candidates = candidates;
    this.#demand = demand;
    this.#perNode = perNode;
    this.#counts = new Int32Array(ledger.nodes.length).fill(-1);
    for (const candidate of candidates) {
      const index = candidate[0];
      const count = this.#count(index);
      this.#counts[index] = count;
      this.#total += count;
    }
    this.#seen = ledger.touched.length;
  }

  #count(index: number): number {
    return Math.min(this.#perNode, membersThatFit(this.#ledger.free(index), this.#demand));
  }

  #refresh(): void {
    const { touched } = this.#ledger;
    for (; this.#seen < touched.length; this.#seen += 1) {
      const index = touched[this.#seen] ?? 0;
      const before = this.#counts[index] ?? -1;
      if (before === -1) continue;
      const change = this.#count(index) - before;
      if (change === 0) continue;
      this.#counts[index] = before + change;
      this.#total += change;
      for (const [key, totals] of this.#domains) {
        const value = this.#ledger.nodes[index]?.labels[key];
        if (value !== undefined) totals.set(value, (totals.get(value) ?? 0) + change);
      }
    }
  }

  /** Members that fit now, all in one domain of the label `within` if it is given. */
  widest(within?: string): number {
    this.#refresh();
    return within === undefined ? this.#total : this.largestDomain(within).room;
  }

  /** The value of the label `key` whose nodes have most room now, and how much; first by name among equals. */
  largestDomain(key: string): { readonly value: string; readonly room: number } {
    this.#refresh();
    let best = { value: '', room: 0 };
    for (const [value, room] of this.#totals(key)) {
      if (room > best.room || (room === best.room && room > 0 && value < best.value)) best = { value, room };
    }
    return best;
  }

  #totals(key: string): ReadonlyMap<string, number> {
    const known = this.#domains.get(key);
    if (known) return known;
    const totals = new Map<string, number>();
    for (const [index] of this.#candidates) {
      const value = this.#ledger.nodes[index]?.labels[key];
      if (value !== undefined) totals.set(value, (totals.get(value) ?? 0) + (this.#counts[index] ?? 0));
    }
    this.#domains.set(key, totals);
    return totals;
  }

  /** Every node with room now, in the order of the candidates. */
  list(): readonly Hole[] {
    this.#refresh();
    const holes: Hole[] = [];
    for (const [index, reluctance] of this.#candidates) {
      const count = this.#counts[index] ?? 0;
      const node = this.#ledger.nodes[index];
      if (count > 0 && node) holes.push({ node, count, reluctance, slack: this.#slack(index, count) });
    }
    return holes;
  }

  #slack(index: number, count: number): number {
    const free = this.#ledger.free(index);
    const offers = this.#ledger.nodes[index]?.allocatable ?? {};
    let slack = 0;
    for (const [resource, amount] of this.#demand) {
      slack += ((free[resource] ?? 0) - amount * count) / Math.max(1, offers[resource] ?? 0);
    }
    return slack;
  }

  /** The requested resource that alone would let the fewest members in now. */
  scarcest(): string {
    this.#refresh();
    if (this.#scarcest?.seen === this.#seen) return this.#scarcest.resource;
    let resource = 'pods';
    let fewest = Number.POSITIVE_INFINITY;
    for (const [name, amount] of this.#demand) {
      const holds = this.#roomFor(name, amount);
      if (holds < fewest) [resource, fewest] = [name, holds];
    }
    this.#scarcest = { seen: this.#seen, resource };
    return resource;
  }

  /** Members that fit if nothing but `resource` counted. */
  #roomFor(resource: string, amount: number): number {
    let holds = 0;
    for (const candidate of this.#candidates) {
      const free = this.#ledger.free(candidate[0])[resource];
      if (free !== undefined && free >= amount) holds += Math.min(this.#perNode, Math.floor(free / amount));
    }
    return holds;
  }
}
