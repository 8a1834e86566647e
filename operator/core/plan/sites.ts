/**
 * Where gangs of a queue that ask for the same may run, and what keeps them out of a pool for good. Worked out once for all
 * of them: thousands wait, and they ask for few things.
 */
import type { Part } from '../model.ts';
import { type Ground, longBudget, type Place } from './ground.ts';
import { neverInPool, type PoolVerdict } from './never.ts';
import type { Topology } from './place.ts';
import type { HoldBack, Policy } from './policy.ts';
import type { PoolNodes } from './pools.ts';
import type { Room } from './room.ts';
import type { Ask } from './shape.ts';

/** A pool, for what a part asks. */
export type Site = {
  readonly nodes: PoolNodes;
  readonly room: Room;
  readonly topology: Topology;
  readonly quotaCell: number | undefined;
  /** Set where some of the pool is held back from long gangs. */
  readonly longCell: number | undefined;
  /** The part is too wide a share of the pool for anything to be held back from it. */
  readonly exempt: boolean;
  /** Why the part can never start here as pool and quota stand; undefined if it could. */
  readonly never: PoolVerdict | undefined;
};

/** Sites of so many kinds of parts are remembered in each queue; to forget them only means to work them out again. */
const KEPT = 1024;

export class Sites {
  readonly ground: Ground;
  readonly #policy: Policy;
  readonly #known = new Map<string, Map<Ask, readonly Site[]>>();

  constructor(ground: Ground, policy: Policy) {
    this.ground = ground;
    this.#policy = policy;
  }

  /** The pools that the part and its queue allow and that exist, in the order in which they are tried. */
  of(queue: string, part: Part, avoid: readonly string[]): readonly Site[] {
    const ask = this.ground.shapes.ask(part, avoid);
    const ofQueue = this.#known.get(queue) ?? new Map<Ask, readonly Site[]>();
    const known = ofQueue.get(ask);
    if (known) return known;
    const sites = this.#placesFor(queue, part).map((place) => this.#site(queue, ask, place));
    if (ofQueue.size >= KEPT) ofQueue.clear();
    this.#known.set(queue, ofQueue.set(ask, sites));
    return sites;
  }

  #placesFor(queue: string, { pools }: Part): readonly Place[] {
    const places = this.ground.placesOf(queue);
    if (!pools) return places;
    return [...new Set(pools)].flatMap((name) => places.filter(({ nodes }) => nodes.pool.name === name));
  }

  #site(queue: string, { part, shape }: Ask, { nodes, quotaCell, longCell }: Place): Site {
    const { holdBack } = this.#policy;
    const units = part.minMembers * (part.request[nodes.unit] ?? 0);
    const room = this.ground.roomFor(nodes, shape);
    return {
      nodes,
      room,
      topology: topologyOf(part, nodes.topology),
      quotaCell,
      longCell,
      exempt: holdBack !== undefined && units > exemptAbove(nodes, holdBack),
      never: neverInPool(queue, { nodes, part, room }, this.ground),
    };
  }
}

/** Wider than this nothing is held back from a gang. What does not even fit into the room for long gangs could never start. */
function exemptAbove({ units }: PoolNodes, { share, exemptShare }: HoldBack): number {
  return Math.min(exemptShare * units, longBudget(units, share));
}

/** The labels by which few domains are used: the part's own wish, or the pool's, and those narrower than that. */
function topologyOf(part: Part, ofPool: PoolNodes['topology']): Topology {
  const { keys: poolKeys } = ofPool;
  const { requiredTopology: required, preferredTopology: preferred } = part;
  if (required === undefined && preferred === undefined) return ofPool;
  const below = (key: string) => (poolKeys.includes(key) ? poolKeys.slice(poolKeys.indexOf(key) + 1) : []);
  if (preferred !== undefined) {
    const keys = [preferred, ...below(preferred)];
    return required === undefined ? { keys } : { required, keys };
  }
  if (required === undefined) return { keys: poolKeys };
  return { required, keys: below(required) };
}
