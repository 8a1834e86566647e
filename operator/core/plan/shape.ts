/** What one member asks of the node it lands on. Parts that ask for the same share one shape, and all that is known of it. */
import type { Part } from '../model.ts';
import { type Demand, demandOf } from '../resources.ts';
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

/** Shapes kept at a time; a cluster's jobs come in few. To forget one only means to work it out again. */
const KEPT = 4096;

/** The shapes over one set of cells, each made once: to be the same object is to be the same shape. */
export class Shapes {
  readonly #cells: Cells;
  readonly #byId = new Map<string, Shape>();
  /** The same by what parts say in their own words, which may say the same in another order. */
  readonly #byWords = new Map<string, Shape>();

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  of(part: Part, avoid: readonly string[]): Shape {
    const words = wordsOf(part, avoid);
    const known = this.#byWords.get(words);
    if (known) return known;
    const shape = this.#shared(part, avoid);
    if (this.#byWords.size >= KEPT) this.#byWords.clear();
    this.#byWords.set(words, shape);
    return shape;
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

function wordsOf({ request, nodeSelector, spread }: Part, avoid: readonly string[]): string {
  let words = spread ? 'spread' : '';
  for (const name in request) words += `|${name}=${request[name]}`;
  for (const key in nodeSelector) words += `|${key}:${nodeSelector[key]}`;
  for (const node of avoid) words += `|-${node}`;
  return words;
}
