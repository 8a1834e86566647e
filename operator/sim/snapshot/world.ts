/** The world as changes tell it, so that it can be saved at any moment. */
import type { Change, Snapshot } from '../../core/model.ts';

type Values = { [K in Change['kind']]: NonNullable<Extract<Change, { kind: K }>['value']> };

export class World {
  readonly #kinds: { readonly [K in keyof Values]: Map<string, Values[K]> } = {
    node: new Map(),
    pool: new Map(),
    queue: new Map(),
    maintenance: new Map(),
    calibration: new Map(),
    waiting: new Map(),
    charged: new Map(),
    foreign: new Map(),
  };

  note(changes: Iterable<Change>): void {
    for (const { kind, name, value } of changes) {
      const map: Map<string, unknown> = this.#kinds[kind];
      if (value === undefined) map.delete(name);
      else map.set(name, value);
    }
  }

  get snapshot(): Snapshot {
    const { node, pool, queue, maintenance, waiting, charged, foreign } = this.#kinds;
    const calibration = this.#kinds.calibration.get('');
    return {
      nodes: [...node.values()],
      pools: [...pool.values()],
      queues: [...queue.values()],
      waiting: [...waiting.values()],
      charged: [...charged.values()],
      foreign: [...foreign].map(([name, requests]) => ({ node: name, requests })),
      maintenance: [...maintenance.values()],
      ...(calibration && { calibration }),
    };
  }
}
