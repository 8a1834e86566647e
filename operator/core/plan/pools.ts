/** The pools and their nodes: what stays the same while only gangs come and go. */
import { belongs, obstacle, reluctant, usableSomeday } from '../feasible.ts';
import type { Node, Pool, Resources } from '../model.ts';
import { amountsKey, membersThatFit, sameEntries } from '../resources.ts';
import { carries } from '../selector.ts';
import type { Shape } from './shape.ts';

type Member = {
  readonly index: number;
  readonly node: Node;
  readonly ready: boolean;
  readonly usableSomeday: boolean;
  readonly kind: Kind;
};

/** Nodes that may take a shape, by index and in its order, and how little we like to use each for it. */
export type Candidates = {
  readonly index: Int32Array;
  /** Devices that the node has and the members do not need, and soft taints; by node index. */
  readonly reluctance: Uint8Array;
  /** Some of the nodes are better left alone. */
  readonly mixed: boolean;
};

/** Vendor devices (`nvidia.com/gpu`): scarce, and so kept for those who ask for them. */
const isDevice = (name: string) => name.includes('/');

function devicesOf(amounts: Resources): readonly string[] {
  return Object.keys(amounts).filter((name) => isDevice(name) && (amounts[name] ?? 0) > 0);
}

/** How many devices the amounts hold, of whatever kind; 0 where they hold none. */
export function deviceCount(amounts: Resources): number {
  let count = 0;
  for (const name in amounts) if (isDevice(name)) count += Math.max(0, amounts[name] ?? 0);
  return count;
}

/** What nodes offer that offer the same: most pools have few kinds, so what fits on one is worked out once for all. */
type Kind = { readonly allocatable: Resources; readonly devices: readonly string[] };

/** The kinds of nodes, each made once. */
class Kinds {
  readonly #byAmounts = new Map<string, Kind>();
  #last: Kind | undefined;

  of({ allocatable }: Node): Kind {
    // Neighbours by name are mostly alike: to compare is cheaper than to make the text of each of thousands.
    if (this.#last && sameEntries(this.#last.allocatable, allocatable)) return this.#last;
    const key = amountsKey(allocatable);
    const kind = this.#byAmounts.get(key) ?? { allocatable, devices: devicesOf(allocatable) };
    this.#byAmounts.set(key, kind);
    this.#last = kind;
    return kind;
  }
}

/** Shapes, and sets of nodes that shapes may use, of which something is remembered at a time. */
const KEPT = 1024;

export class PoolNodes {
  readonly pool: Pool;
  /** Nodes of the pool that cannot take gangs now, in words: `1 not ready, 2 cordoned`; empty if all can. */
  readonly trouble: string;
  /** Nodes of the pool, in whatever condition. */
  readonly size: number;
  /** Nodes that gangs can start on now. */
  readonly ready: number;
  /** How a gang without wishes of its own is placed. */
  readonly topology: { readonly keys: readonly string[] };
  /** The resource that people count the pool in: its accelerators, else CPUs; and how much its ready nodes offer. */
  readonly unit: string;
  readonly units: number;
  /** Indices of its nodes: all, and those that gangs can start on now. */
  readonly indices: readonly number[];
  readonly usable: readonly number[];
  readonly #members: readonly Member[];
  readonly #nodes: number;
  /** Nodes that may be used one day, by what they offer. */
  readonly #kinds: ReadonlyMap<Kind, readonly Member[]>;
  readonly #candidates = new Map<string, Candidates>();
  readonly #capacities = new Map<Shape, Map<string | undefined, number>>();

  constructor(pool: Pool, nodes: readonly Node[]) {
    const tally = new Map<string, number>();
    const kinds = new Kinds();
    this.pool = pool;
    this.topology = { keys: pool.topologyKeys };
    this.#nodes = nodes.length;
    this.#members = nodes.flatMap((node, index) => {
      if (!belongs(node, pool)) return [];
      const why = obstacle(node, pool);
      if (why) tally.set(why, (tally.get(why) ?? 0) + 1);
      const ready = why === undefined;
      return [{ index, node, ready, usableSomeday: ready || usableSomeday(node, pool), kind: kinds.of(node) }];
    });
    this.#kinds = Map.groupBy(
      this.#members.filter((member) => member.usableSomeday),
      ({ kind }) => kind,
    );
    this.size = this.#members.length;
    this.indices = this.#members.map(({ index }) => index);
    const ready = this.#members.filter((member) => member.ready);
    this.ready = ready.length;
    this.usable = ready.map(({ index }) => index);
    this.unit = [...new Set(ready.map(({ kind }) => kind))].flatMap(({ devices }) => devices).sort()[0] ?? 'cpu';
    this.units = ready.reduce((sum, { node }) => sum + (node.allocatable[this.unit] ?? 0), 0);
    this.trouble = [...tally]
      .sort(byKey)
      .map(([why, count]) => `${count} ${why}`)
      .join(', ');
  }

  /** Nodes on which a gang of this shape could start now, if they have room. */
  candidates(shape: Shape): Candidates {
    const known = this.#candidates.get(shape.nodesId);
    if (known) return known;
    const candidates = this.#candidatesOf(shape);
    if (this.#candidates.size >= KEPT) this.#candidates.clear();
    this.#candidates.set(shape.nodesId, candidates);
    return candidates;
  }

  #candidatesOf(shape: Shape): Candidates {
    const wanted = new Set(shape.demand.map(([resource]) => resource));
    const chosen = this.#members.filter(
      ({ node, ready }) => ready && !shape.avoid.has(node.name) && carries(node.labels, shape.nodeSelector),
    );
    const reluctance = new Uint8Array(this.#nodes);
    const idle = new Map<Kind, number>();
    for (const { index, node, kind } of chosen) {
      const spared = idle.get(kind) ?? kind.devices.filter((device) => !wanted.has(device)).length;
      idle.set(kind, spared);
      reluctance[index] = spared + Number(reluctant(node, this.pool));
    }
    return { index: Int32Array.from(chosen, ({ index }) => index), reluctance, mixed: reluctance.some((r) => r > 0) };
  }

  /** Whether a node of the pool, in whatever condition, carries the labels the shape asks for. */
  hasLabels({ nodeSelector }: Shape): boolean {
    return this.#members.some(({ node }) => carries(node.labels, nodeSelector));
  }

  /** Whether a node of the pool, in whatever condition, carries the label `key`. */
  knows(key: string): boolean {
    return this.#members.some(({ node }) => node.labels[key] !== undefined);
  }

  /**
   * Members of the shape that the pool could hold with nothing else on it and all its nodes in good condition; in one
   * domain of the label `within` if it is given. What exceeds this can never start. Worked out once for each shape.
   */
  capacity(shape: Shape, within?: string): number {
    const known = this.#capacities.get(shape) ?? new Map<string | undefined, number>();
    const capacity = known.get(within) ?? this.#capacityOf(shape, within);
    if (this.#capacities.size >= KEPT) this.#capacities.clear();
    this.#capacities.set(shape, known.set(within, capacity));
    return capacity;
  }

  #capacityOf({ nodeSelector, perNode, demand }: Shape, within: string | undefined): number {
    const totals = new Map<string, number>();
    for (const [{ allocatable }, members] of this.#kinds) {
      const count = Math.min(perNode, membersThatFit(allocatable, demand));
      for (const { node } of count === 0 ? [] : members) {
        const { labels } = node;
        const domain = within === undefined ? '' : labels[within];
        if (domain === undefined || !carries(labels, nodeSelector)) continue;
        totals.set(domain, (totals.get(domain) ?? 0) + count);
      }
    }
    return Math.max(0, ...totals.values());
  }
}

const byKey = ([a]: readonly [string, number], [b]: readonly [string, number]) => (a < b ? -1 : 1);
