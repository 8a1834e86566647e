/**
 * The room that a pool has now for one shape of member: how many each node could take. Kept up from the cells' list of
 * touched ones, so that a gang of a known shape costs what has changed and not the size of the pool.
 */
import { type Cells, fits } from './cells.ts';
import { type DomainTable, domainTotals, largest } from './domains.ts';
import type { Candidates } from './pools.ts';
import type { Shape } from './shape.ts';

export class Room {
  readonly shape: Shape;
  readonly candidates: Candidates;
  /** Members that fit, by node; -1 where the node is no candidate. */
  readonly #counts: Int32Array;
  readonly #cells: Cells;
  readonly #table: DomainTable;
  #total = 0;
  #epoch = -1;
  #seen = 0;
  /** Members that fit by domain, for each label that was asked about. */
  readonly #totals = new Map<string, Float64Array>();
  #scarcest: { readonly epoch: number; readonly seen: number; readonly resource: string } | undefined;

  constructor(cells: Cells, table: DomainTable, candidates: Candidates, shape: Shape) {
    this.#cells = cells;
    this.#table = table;
    this.candidates = candidates;
    this.shape = shape;
    this.#counts = new Int32Array(candidates.reluctance.length).fill(-1);
  }

  /** Members that the cell could take if `free` were its amounts. */
  fitting(free: Float64Array, cell: number): number {
    const { need, perNode } = this.shape;
    return Math.min(perNode, fits(free, cell * this.#cells.stride, need));
  }

  #recount(): void {
    this.#total = 0;
    this.#totals.clear();
    for (const index of this.candidates.index) {
      const count = this.fitting(this.#cells.free, index);
      this.#counts[index] = count;
      this.#total += count;
    }
    this.#epoch = this.#cells.epoch;
  }

  #refresh(): void {
    const { touched, epoch } = this.#cells;
    if (this.#epoch !== epoch) {
      this.#recount();
      this.#seen = touched.length;
      return;
    }
    for (; this.#seen < touched.length; this.#seen += 1) {
      const index = touched[this.#seen] ?? 0;
      const before = this.#counts[index] ?? -1;
      if (before === -1) continue;
      const change = this.fitting(this.#cells.free, index) - before;
      if (change === 0) continue;
      this.#counts[index] = before + change;
      this.#total += change;
      for (const [key, totals] of this.#totals) {
        const { ids, labelled } = this.#table.of([key]);
        const domain = ids[index] ?? 0;
        if (labelled[domain]) totals[domain] = (totals[domain] ?? 0) + change;
      }
    }
  }

  /** Members that fit now, by node, -1 where the node is no candidate. Not to be changed, and gone with the next change. */
  get counts(): Int32Array {
    this.#refresh();
    return this.#counts;
  }

  /** Members that fit now on all nodes together. */
  get total(): number {
    this.#refresh();
    return this.#total;
  }

  /** Members that fit now, all in one domain of the label `within` if it is given. */
  widest(within?: string): number {
    return within === undefined ? this.total : this.largestDomain(within).room;
  }

  /** The value of the label `key` whose nodes have most room now, and how much; first by name among equals. */
  largestDomain(key: string): { readonly value: string; readonly room: number } {
    this.#refresh();
    const domains = this.#table.of([key]);
    const known = this.#totals.get(key);
    const totals = known ?? domainTotals(domains, this.candidates.index, this.#counts);
    if (!known) this.#totals.set(key, totals);
    return largest(domains, totals);
  }

  /** The requested resource that alone would let the fewest members in now. */
  scarcest(): string {
    this.#refresh();
    const { epoch } = this.#cells;
    if (this.#scarcest?.seen === this.#seen && this.#scarcest.epoch === epoch) return this.#scarcest.resource;
    let resource = 'pods';
    let fewest = Number.POSITIVE_INFINITY;
    for (const [name, amount] of this.shape.demand) {
      const holds = this.#roomFor(name, amount);
      if (holds < fewest) [resource, fewest] = [name, holds];
    }
    this.#scarcest = { epoch, seen: this.#seen, resource };
    return resource;
  }

  /** Members that fit if nothing but `resource` counted. */
  #roomFor(resource: string, amount: number): number {
    const { free, stride } = this.#cells;
    const column = this.#cells.column(resource);
    if (column === undefined) return 0;
    let holds = 0;
    for (const index of this.candidates.index) {
      const has = free[index * stride + column] ?? 0;
      if (has >= amount) holds += Math.min(this.shape.perNode, Math.floor(has / amount));
    }
    return holds;
  }
}
