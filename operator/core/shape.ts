/** What one gang asks of the nodes it lands on. Gangs that ask for the same share one shape, and all that is known of it. */
import type { WaitingGang } from './model.ts';
import { type Demand, demandOf } from './resources.ts';

export type Shape = {
  readonly demand: Demand;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly avoid: ReadonlySet<string>;
  /** Most members of one gang on one node. */
  readonly perNode: number;
  /** Which nodes may take it, whatever room they have: equal text, equal nodes with equal reluctance. */
  readonly nodesId: string;
};

/** The shapes of a snapshot, each made once: to be the same object is to be the same shape. */
export class Shapes {
  readonly #byGang = new Map<string, Shape>();
  readonly #byId = new Map<string, Shape>();

  /** The shape of a waiting gang. */
  of(gang: WaitingGang): Shape {
    const known = this.#byGang.get(gang.uid);
    if (known) return known;
    const shape = this.#shared(gang);
    this.#byGang.set(gang.uid, shape);
    return shape;
  }

  #shared({ request, nodeSelector, avoid, spread }: WaitingGang): Shape {
    const demand = demandOf(request);
    const selector = Object.entries(nodeSelector).sort(([a], [b]) => (a < b ? -1 : 1));
    const nodesId = JSON.stringify([selector, [...new Set(avoid)].sort(), demand.map(([resource]) => resource)]);
    const id = JSON.stringify([nodesId, demand, spread]);
    const known = this.#byId.get(id);
    if (known) return known;
    const perNode = spread ? 1 : Number.POSITIVE_INFINITY;
    const shape = { demand, nodeSelector, avoid: new Set(avoid), perNode, nodesId };
    this.#byId.set(id, shape);
    return shape;
  }
}
