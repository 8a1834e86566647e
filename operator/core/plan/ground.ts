/** What gangs are planned on: nodes, pools and accounts as cells. Made anew when one of them changes, kept while gangs come and go. */
import type { ChargedGang, ChargedPart, Maintenance, Node, Pool, Queue, Resources } from '../model.ts';
import { type Demand, demandOf } from '../resources.ts';
import { matches } from '../selector.ts';
import { Cells, type Holding, type Need } from './cells.ts';
import { DomainTable } from './domains.ts';
import { PoolNodes } from './pools.ts';
import type { Promised } from './promises.ts';
import { Room } from './room.ts';
import { type Shape, Shapes } from './shape.ts';

export type GroundParts = {
  readonly nodes: Iterable<Node>;
  readonly pools: Iterable<Pool>;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly maintenance: Iterable<Maintenance>;
  /** Share of each pool that long gangs must leave; absent: no such account. */
  readonly longShare?: number | undefined;
};

/**
 * Shapes whose room is found again by the next gang, in each pool; those who wait keep theirs. A cluster's jobs come in few
 * shapes; what is decided does not depend on it.
 */
const KEPT = 1024;

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : Number(a.name > b.name));

/** A pool that a queue may use, and the accounts that what it takes there counts in. */
export type Place = {
  readonly nodes: PoolNodes;
  readonly quotaCell: number | undefined;
  readonly longCell: number | undefined;
};

export class Ground {
  readonly nodes: readonly Node[];
  readonly queues: ReadonlyMap<string, Queue>;
  /** By name, in the order of the names. */
  readonly pools: ReadonlyMap<string, PoolNodes>;
  readonly cells: Cells;
  /** What every node offers when empty, laid out as the cells are. */
  readonly offers: Float64Array;
  readonly shapes: Shapes;
  readonly domains: DomainTable;
  /** Room to count in, by node: made once, since thousands of gangs are tried. What is in it holds until it is used again. */
  readonly counts: Int32Array;
  readonly indices: Int32Array;
  readonly #index: ReadonlyMap<string, number>;
  readonly #quota = new Map<string, number>();
  readonly #long = new Map<string, number>();
  readonly #rooms = new Map<PoolNodes, Map<Shape, Room>>();
  readonly #places = new Map<string, readonly Place[]>();
  readonly #closures: readonly Promised[];

  constructor(parts: GroundParts) {
    this.nodes = [...parts.nodes].sort(byName);
    this.queues = parts.queues;
    this.counts = new Int32Array(this.nodes.length);
    this.indices = new Int32Array(this.nodes.length);
    this.#index = new Map(this.nodes.map((node, i) => [node.name, i]));
    const pools = [...parts.pools].sort(byName);
    this.pools = new Map(pools.map((pool) => [pool.name, new PoolNodes(pool, this.nodes)]));

    const accounts = this.#openAccounts(parts.longShare);
    this.cells = new Cells(this.#columns(), this.nodes.length + accounts.length);
    this.#fill(accounts);
    this.offers = this.cells.free.slice();
    this.shapes = new Shapes(this.cells);
    this.domains = new DomainTable(this.nodes);
    this.#closures = [...parts.maintenance].flatMap((m) => this.#closure(m));
  }

  /** Names the account cells behind those of the nodes, and says how much each allows. */
  #openAccounts(longShare: number | undefined): readonly Resources[] {
    const limits: Resources[] = [];
    const open = (limit: Resources) => this.nodes.length + limits.push(limit) - 1;
    for (const [queue, { pools = {} }] of this.queues) {
      for (const [pool, quota] of Object.entries(pools)) {
        if (Object.keys(quota).length > 0) this.#quota.set(account(queue, pool), open(quota));
      }
    }
    if (longShare === undefined) return limits;
    for (const [name, { unit, units }] of this.pools) {
      this.#long.set(name, open({ [unit]: longBudget(units, longShare) }));
    }
    return limits;
  }

  #columns(): readonly string[] {
    const names = new Set(['pods']);
    for (const { allocatable } of this.nodes) for (const name of Object.keys(allocatable)) names.add(name);
    for (const { pools = {} } of this.queues.values()) {
      for (const quota of Object.values(pools)) for (const name of Object.keys(quota)) names.add(name);
    }
    return [...names].sort();
  }

  #fill(accounts: readonly Resources[]): void {
    const { free, stride, columns } = this.cells;
    this.nodes.forEach(({ allocatable }, i) => {
      columns.forEach((name, column) => (free[i * stride + column] = allocatable[name] ?? 0));
    });
    accounts.forEach((limit, i) => {
      const row = (this.nodes.length + i) * stride;
      columns.forEach((name, column) => (free[row + column] = limit[name] ?? Number.POSITIVE_INFINITY));
    });
  }

  #closure({ pool, selector = {}, from, until }: Maintenance): readonly Promised[] {
    const indices = this.pools.get(pool)?.indices ?? [];
    const nodes = indices.filter((index) => matches(this.nodes[index]?.labels ?? {}, selector));
    const holdings = nodes.map((cell) => ({
      cell,
      need: this.cells.needOf(demandOf(this.nodes[cell]?.allocatable ?? {})),
      members: 1,
    }));
    return [{ at: from, until, parts: [], holdings }];
  }

  /** Maintenance that is not over at `now`. */
  closures(now: number): readonly Promised[] {
    return this.#closures.filter(({ until }) => until > now);
  }

  /** Where gangs of the queue may run, in the order in which pools are tried when a job names none. */
  placesOf(queue: string): readonly Place[] {
    const known = this.#places.get(queue);
    if (known) return known;
    const ofQueue = this.queues.get(queue)?.pools;
    const places = (ofQueue ? Object.keys(ofQueue) : [...this.pools.keys()]).flatMap((name): readonly Place[] => {
      const nodes = this.pools.get(name);
      return nodes ? [{ nodes, quotaCell: this.quotaCell(queue, name), longCell: this.longCell(name) }] : [];
    });
    this.#places.set(queue, places);
    return places;
  }

  /** The cell that counts what the queue takes from the pool; undefined where nothing limits it. */
  quotaCell(queue: string, pool: string): number | undefined {
    return this.#quota.get(account(queue, pool));
  }

  /** The cell that counts what long gangs take from the pool, where some of it is held back from them. */
  longCell(pool: string): number | undefined {
    return this.#long.get(pool);
  }

  roomFor(pool: PoolNodes, shape: Shape): Room {
    const ofPool = this.#rooms.get(pool) ?? new Map<Shape, Room>();
    const known = ofPool.get(shape);
    if (known) return known;
    if (ofPool.size >= KEPT) ofPool.clear();
    const room = new Room(this.cells, this.domains, pool.candidates(shape), shape);
    this.#rooms.set(pool, ofPool.set(shape, room));
    return room;
  }

  /** What foreign pods hold on a node, as a holding; undefined where the node is not there. */
  foreign(node: string, amounts: Resources): Holding | undefined {
    const cell = this.#index.get(node);
    const demand: Demand = Object.entries(amounts).filter(([, amount]) => amount > 0);
    return cell === undefined ? undefined : { cell, need: this.cells.needOf(demand), members: 1 };
  }

  /** Everything that a charged gang holds but the account of long gangs: nodes that are gone have no room to hold. */
  holdingsOf({ queue, parts }: ChargedGang): readonly Holding[] {
    return parts.flatMap((part) => {
      const need = this.shapes.needOf(part.request);
      const holdings = this.#onNodes(part, need);
      const quota = this.quotaCell(queue, part.pool);
      return quota === undefined ? holdings : [...holdings, { cell: quota, need, members: part.members }];
    });
  }

  /** What a charged gang holds of the accounts of long gangs, once it counts as long. */
  longHoldingsOf({ parts }: ChargedGang): readonly Holding[] {
    return parts.flatMap(({ pool, request, members }) => {
      const cell = this.longCell(pool);
      return cell === undefined ? [] : [{ cell, need: this.shapes.needOf(request), members }];
    });
  }

  #onNodes({ placements, released }: ChargedPart, need: Need): Holding[] {
    const gone = released.length > 0 ? new Set(released) : undefined;
    const holdings: Holding[] = [];
    for (const { node, first, count } of placements) {
      const cell = this.#index.get(node);
      let members = count;
      if (gone) for (let i = first; i < first + count; i += 1) if (gone.has(i)) members -= 1;
      if (cell !== undefined && members > 0) holdings.push({ cell, need, members });
    }
    return holdings;
  }
}

/** What long gangs may hold together of a pool of so many units, in whole units. */
export function longBudget(units: number, share: number): number {
  return Math.floor(units * (1 - share));
}

/** Names of objects hold no slash, so this joins them without doubt. */
function account(queue: string, pool: string): string {
  return `${queue}/${pool}`;
}
