/** What the planner was last told of the world: what is not different from it need not be told again. */
import { isDeepStrictEqual } from 'node:util';
import { freeOn } from '../../core/ledger.ts';
import type { Change, ChargedGang, Node, Resources, Snapshot, WaitingGang } from '../../core/model.ts';

type Values = { [K in Change['kind']]: NonNullable<Extract<Change, { kind: K }>['value']> };
type Maps = { readonly [K in keyof Values]: Map<string, Values[K]> };

/** Says what a thing is now; undefined: it is gone. */
export type Tell = <K extends keyof Values>(kind: K, name: string, value: Values[K] | undefined) => void;

export class Told {
  readonly #maps: Maps = {
    node: new Map(),
    pool: new Map(),
    queue: new Map(),
    maintenance: new Map(),
    calibration: new Map(),
    waiting: new Map(),
    charged: new Map(),
    foreign: new Map(),
  };
  /** UIDs of the charged gangs that have members on a node. */
  readonly #chargedOn = new Map<string, Set<string>>();

  waiting(uid: string): WaitingGang | undefined {
    return this.#maps.waiting.get(uid);
  }

  /** Names of the maintenance of a pool. */
  maintenanceOf(pool: string): readonly string[] {
    return [...this.#maps.maintenance.values()].filter((m) => m.pool === pool).map(({ name }) => name);
  }

  /** Whether the change says anything new. */
  isNews({ kind, name, value }: Change): boolean {
    return !isDeepStrictEqual(this.#maps[kind].get(name), value);
  }

  /** Takes note of what the planner is told now. */
  note(changes: Iterable<Change>): void {
    for (const change of changes) {
      const { kind, name, value } = change;
      if (change.kind === 'charged') this.#move(name, this.#maps.charged.get(name), change.value);
      const map: Map<string, unknown> = this.#maps[kind];
      if (value === undefined) map.delete(name);
      else map.set(name, value);
    }
  }

  #move(uid: string, before: ChargedGang | undefined, after: ChargedGang | undefined): void {
    for (const node of nodesOf(before)) {
      const there = this.#chargedOn.get(node);
      there?.delete(uid);
      if (there?.size === 0) this.#chargedOn.delete(node);
    }
    for (const node of nodesOf(after)) {
      const there = this.#chargedOn.get(node) ?? new Set<string>();
      this.#chargedOn.set(node, there.add(uid));
    }
  }

  /** What is free on `node` beside the gang `except`, as the latest plan saw it. */
  freeOn(node: Node, except: string): Resources {
    const requests = this.#maps.foreign.get(node.name);
    const charged = [...(this.#chargedOn.get(node.name) ?? [])].flatMap((uid) => this.#maps.charged.get(uid) ?? []);
    return freeOn({ charged, foreign: requests ? [{ node: node.name, requests }] : [] }, node, except);
  }

  /** All of it. Foreign pods are one for each node. */
  snapshot(): Snapshot {
    const { node, pool, queue, maintenance, waiting, charged, foreign } = this.#maps;
    const calibration = this.#maps.calibration.get('');
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

function nodesOf(gang: ChargedGang | undefined): readonly string[] {
  return (gang?.parts ?? []).flatMap(({ placements }) => placements.map(({ node }) => node));
}
