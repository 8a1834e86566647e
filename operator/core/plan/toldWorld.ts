/** The world as changes tell it, apart from any planner: to compare with, or to be saved at any moment. */
import type { Change, Snapshot } from '../model.ts';

/** What a change of each kind may say. */
export type Values = { [K in Change['kind']]: NonNullable<Extract<Change, { kind: K }>['value']> };

export class ToldWorld {
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

  get<K extends keyof Values>(kind: K, name: string): Values[K] | undefined {
    return this.#kinds[kind].get(name);
  }

  all<K extends keyof Values>(kind: K): Iterable<Values[K]> {
    return this.#kinds[kind].values();
  }

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
