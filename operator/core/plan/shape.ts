/** What one member asks of the node it lands on. Parts that ask for the same share one shape, and all that is known of it. */
import type { Part, Resources } from '../model.ts';
import { amountsKey, type Demand, demandOf, sameEntries } from '../resources.ts';
import type { Cells, Need } from './cells.ts';

export type Shape = {
  readonly demand: Demand;
  readonly need: Need;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly avoid: ReadonlySet<string>;
  /** Most members of one gang on one node. */
  readonly perNode: number;
  /** Which nodes may take it, whatever room they have: equal text, equal nodes with equal reluctance. */
  readonly nodesId: string;
};

/** Everything that a part says of where it may run: parts that say the same share one. */
export type Ask = { readonly part: Part; readonly avoid: readonly string[]; readonly shape: Shape };

/** Shapes kept at a time; a cluster's jobs come in few. To forget one only means to work it out again. */
const KEPT = 4096;

/** The shapes over one set of cells, each made once: to be the same object is to be the same shape. */
export class Shapes {
  readonly #cells: Cells;
  readonly #needs = new Map<string, Need>();
  readonly #byId = new Map<string, Shape>();
  /** The same by a number made of what parts say: to make the text of each of thousands takes longer. */
  readonly #byHash = new Map<number, readonly Ask[]>();

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** What a member with this request takes; the same for the same request. */
  needOf(request: Resources): Need {
    const words = amountsKey(request);
    const known = this.#needs.get(words);
    if (known) return known;
    const need = this.#cells.needOf(demandOf(request));
    if (this.#needs.size >= KEPT) this.#needs.clear();
    this.#needs.set(words, need);
    return need;
  }

  /** The same object for parts that say the same, as long as it is remembered. */
  ask(part: Part, avoid: readonly string[]): Ask {
    const hash = hashOf(part, avoid);
    const alike = this.#byHash.get(hash);
    for (const ask of alike ?? []) if (sayTheSame(ask, part, avoid)) return ask;
    const ask = { part, avoid, shape: this.#shared(part, avoid) };
    if (this.#byHash.size >= KEPT) this.#byHash.clear();
    this.#byHash.set(hash, [...(alike ?? []), ask]);
    return ask;
  }

  #shared({ request, nodeSelector, spread }: Part, avoid: readonly string[]): Shape {
    const demand = demandOf(request);
    const selector = Object.entries(nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1));
    const nodesId = JSON.stringify([selector, [...new Set(avoid)].sort(), demand.map(([resource]) => resource)]);
    const id = JSON.stringify([nodesId, demand, spread]);
    const known = this.#byId.get(id);
    if (known) return known;
    const perNode = spread ? 1 : Number.POSITIVE_INFINITY;
    const need = this.#cells.needOf(demand);
    const shape = { demand, need, nodeSelector, avoid: new Set(avoid), perNode, nodesId };
    if (this.#byId.size >= KEPT) this.#byId.clear();
    this.#byId.set(id, shape);
    return shape;
  }
}

/** Below 2^46, so that a product with a small number stays whole. */
const MODULUS = 70_368_744_177_643;

function hashOf({ minMembers, request, spread }: Part, avoid: readonly string[]): number {
  let hash = (spread ? 1 : 0) + 2 * (avoid.length + 1024 * minMembers);
  for (const name in request) hash = (hash * 31 + (request[name] ?? 0)) % MODULUS;
  return hash;
}

function sayTheSame(ask: Ask, part: Part, avoid: readonly string[]): boolean {
  const { part: known } = ask;
  return (
    known.minMembers === part.minMembers &&
    known.maxMembers === part.maxMembers &&
    known.spread === part.spread &&
    known.requiredTopology === part.requiredTopology &&
    known.preferredTopology === part.preferredTopology &&
    sameEntries(known.request, part.request) &&
    sameEntries(known.nodeSelector, part.nodeSelector) &&
    sameList(known.pools, part.pools) &&
    sameList(ask.avoid, avoid)
  );
}

function sameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === b || (a?.length === b?.length && (a ?? []).every((each, i) => each === b?.[i]));
}
