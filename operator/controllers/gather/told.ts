/** What the planner was last told of the world: what is not different from it need not be told again. */
import { isDeepStrictEqual } from 'node:util';
import { freeOn } from '../../core/ledger.ts';
import type { Change, ChargedGang, Node, Resources, Snapshot, WaitingGang } from '../../core/model.ts';
import { ToldWorld, type Values } from '../../core/plan/toldWorld.ts';

/** Says what a thing is now; undefined: it is gone. */
export type Tell = <K extends keyof Values>(kind: K, name: string, value: Values[K] | undefined) => void;

export class Told {
  readonly #world = new ToldWorld();
  /** UIDs of the charged gangs that have members on a node. */
  readonly #chargedOn = new Map<string, Set<string>>();

  waiting(uid: string): WaitingGang | undefined {
    return this.#world.get('waiting', uid);
  }

  /** Names of the maintenance of a pool. */
  maintenanceOf(pool: string): readonly string[] {
    return [...this.#world.all('maintenance')].filter((m) => m.pool === pool).map(({ name }) => name);
  }

  /** Whether the change says anything new. */
  isNews({ kind, name, value }: Change): boolean {
    return !isDeepStrictEqual(this.#world.get(kind, name), value);
  }

  /** Takes note of what the planner is told now. */
  note(changes: Iterable<Change>): void {
    for (const change of changes) {
      if (change.kind === 'charged') this.#move(change.name, this.#world.get('charged', change.name), change.value);
      this.#world.note([change]);
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
    const requests = this.#world.get('foreign', node.name);
    const charged = [...(this.#chargedOn.get(node.name) ?? [])].flatMap((uid) => this.#world.get('charged', uid) ?? []);
    return freeOn({ charged, foreign: requests ? [{ node: node.name, requests }] : [] }, node, except);
  }

  /** All of it. Foreign pods are one for each node. */
  snapshot(): Snapshot {
    return this.#world.snapshot;
  }
}

function nodesOf(gang: ChargedGang | undefined): readonly string[] {
  return (gang?.parts ?? []).flatMap(({ placements }) => placements.map(({ node }) => node));
}
