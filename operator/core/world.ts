/** A snapshot made ready for planning: indexed once, and changed in memory as gangs are placed. */
import { Holes } from './holes.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { ChargedGang, Queue, Resources, Snapshot, Start, WaitingGang } from './model.ts';
import { place, type Topology } from './place.ts';
import { PoolNodes } from './pools.ts';
import { Quotas } from './quota.ts';
import { sum } from './resources.ts';
import { type Shape, Shapes } from './shape.ts';

/** A pool that a gang may use, and what it has for the gang. */
export type Option = { readonly nodes: PoolNodes; readonly shape: Shape; readonly holes: Holes };

/**
 * Shapes whose holes are kept at a time in each pool. A cluster's jobs come in few shapes; where they do not, holes are
 * worked out again rather than all being kept. What is decided does not depend on it.
 */
const KEPT = 1024;

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

function foreignByNode(snapshot: Snapshot): ReadonlyMap<string, Resources> {
  const byNode = Map.groupBy(snapshot.foreign, ({ node }) => node);
  return new Map([...byNode].map(([node, pods]) => [node, Object.fromEntries(sum(pods.map((p) => p.requests)))]));
}

type Parts = {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly pools: ReadonlyMap<string, PoolNodes>;
  readonly shapes: Shapes;
  readonly ledger: Ledger;
  readonly quotas: Quotas;
};

export class World {
  readonly queues: ReadonlyMap<string, Queue>;
  /** By name, in the order of the names. */
  readonly pools: ReadonlyMap<string, PoolNodes>;
  readonly quotas: Quotas;
  readonly #ledger: Ledger;
  readonly #shapes: Shapes;
  readonly #holes = new Map<PoolNodes, Map<Shape, Holes>>();

  private constructor({ queues, pools, shapes, ledger, quotas }: Parts) {
    this.queues = queues;
    this.pools = pools;
    this.quotas = quotas;
    this.#ledger = ledger;
    this.#shapes = shapes;
  }

  static of(snapshot: Snapshot): World {
    const nodes = [...snapshot.nodes].sort(byName);
    const foreign = foreignByNode(snapshot);
    const queues = new Map(snapshot.queues.map((queue) => [queue.name, queue]));
    const pools = new Map(
      [...snapshot.pools].sort(byName).map((pool) => [pool.name, new PoolNodes(pool, nodes, foreign)]),
    );
    const quotas = new Quotas(queues);
    for (const { queue, pool, request, members } of snapshot.charged) quotas.charge(queue, pool, request, members);
    return new World({ queues, pools, shapes: new Shapes(), ledger: openLedger(snapshot, nodes), quotas });
  }

  /** A copy in which gangs can start and end without changing this one. */
  clone(): World {
    return new World({
      queues: this.queues,
      pools: this.pools,
      shapes: this.#shapes,
      ledger: this.#ledger.clone(),
      quotas: this.quotas.clone(),
    });
  }

  /** Names of the pools that the gang and its queue allow, in the order in which they are tried; they may not exist. */
  allowedPools(gang: WaitingGang): readonly string[] {
    const ofQueue = this.queues.get(gang.queue)?.pools;
    if (!gang.pools) return ofQueue ? Object.keys(ofQueue) : [...this.pools.keys()];
    return [...new Set(gang.pools)].filter((pool) => !ofQueue || Object.hasOwn(ofQueue, pool));
  }

  /** The pools that the gang may use and that exist, in the order in which they are tried. */
  options(gang: WaitingGang): readonly Option[] {
    const shape = this.#shapes.of(gang);
    const options: Option[] = [];
    for (const name of this.allowedPools(gang)) {
      const nodes = this.pools.get(name);
      if (nodes) options.push({ nodes, shape, holes: this.#holesOf(nodes, shape) });
    }
    return options;
  }

  #holesOf(nodes: PoolNodes, shape: Shape): Holes {
    const ofPool = this.#holes.get(nodes) ?? new Map<Shape, Holes>();
    const known = ofPool.get(shape);
    if (known) return known;
    if (ofPool.size >= KEPT) ofPool.clear();
    const holes = new Holes(this.#ledger, nodes.candidates(shape), shape.demand, shape.perNode);
    this.#holes.set(nodes, ofPool.set(shape, holes));
    return holes;
  }

  /**
   * Where and how wide the gang could start now: the first pool in which it fits, as wide as room and quota allow.
   * Changes nothing. Undefined if it does not fit anywhere.
   */
  find(gang: WaitingGang): Start | undefined {
    for (const { nodes, shape, holes } of this.options(gang)) {
      const { name } = nodes.pool;
      const allowed = Math.min(gang.maxMembers, this.quotas.room(gang.queue, name, shape.demand));
      if (allowed < gang.minMembers) continue;
      const members = Math.min(allowed, holes.widest(gang.requiredTopology));
      if (members < gang.minMembers) continue;
      const placements = place(holes.list(), members, topologyOf(gang, nodes.pool.topologyKeys));
      return { uid: gang.uid, pool: name, members, placements };
    }
    return undefined;
  }

  /** Charges a gang to its queue and takes its room. */
  occupy(gang: ChargedGang): void {
    this.quotas.charge(gang.queue, gang.pool, gang.request, gang.members);
    this.#ledger.occupy(gang);
  }

  /** Gives a gang's charge and room back. */
  vacate(gang: ChargedGang): void {
    this.quotas.charge(gang.queue, gang.pool, gang.request, -gang.members);
    this.#ledger.vacate(gang);
  }
}

/** The labels by which few domains are used: the gang's own wish, or the pool's, and those narrower than that. */
function topologyOf(gang: WaitingGang, poolKeys: readonly string[]): Topology {
  const { requiredTopology: required, preferredTopology: preferred } = gang;
  const below = (key: string) => (poolKeys.includes(key) ? poolKeys.slice(poolKeys.indexOf(key) + 1) : []);
  if (preferred !== undefined) {
    const keys = [preferred, ...below(preferred)];
    return required === undefined ? { keys } : { required, keys };
  }
  if (required === undefined) return { keys: poolKeys };
  return { required, keys: below(required) };
}

/** A gang as it is charged once it has started; `endsBy` is absent where it has no walltime. */
export function chargedBy(gang: WaitingGang, start: Start, now: number): ChargedGang {
  const { uid, queue, request, time } = gang;
  const { pool, members, placements } = start;
  const charged = { uid, queue, pool, members, request, placements, released: [] };
  return time === undefined ? charged : { ...charged, endsBy: now + time };
}
