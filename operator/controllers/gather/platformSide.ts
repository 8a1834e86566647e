/** What the planner is told of nodes, pools and queues. */

import type { World } from '../world.ts';
import { Deadlines } from './deadlines.ts';
import { type Accelerator, acceleratorsOf } from './gangs.ts';
import { maintenanceModels, nodeModel, poolModel, queueModel } from './models.ts';
import type { Tell, Told } from './told.ts';

export class PlatformSide {
  /** Of pools, for their maintenance. */
  readonly deadlines = new Deadlines();
  readonly #world: World;
  readonly #told: Told;
  readonly #tell: Tell;
  #accelerators: readonly Accelerator[] = [];
  /** What of each queue its jobs inherit, as text. */
  readonly #inherited = new Map<string, string>();

  constructor(world: World, told: Told, tell: Tell) {
    this.#world = world;
    this.#told = told;
    this.#tell = tell;
  }

  get accelerators(): readonly Accelerator[] {
    return this.#accelerators;
  }

  node(name: string): void {
    const node = this.#world.nodes.get(name);
    this.#tell('node', name, node && nodeModel(node));
  }

  pool(name: string, now: number): void {
    const pool = this.#world.pools.get(name);
    this.#tell('pool', name, pool && poolModel(pool));
    const ahead = pool ? maintenanceModels(pool, now) : [];
    const gone = new Set(this.#told.maintenanceOf(name));
    for (const each of ahead) {
      gone.delete(each.name);
      this.#tell('maintenance', each.name, each);
    }
    for (const each of gone) this.#tell('maintenance', each, undefined);
    const times = ahead.flatMap(({ from, until }) => (from > now ? [from, until] : [until]));
    this.deadlines.set(name, times.length === 0 ? undefined : Math.min(...times));
  }

  /** Looks at all pools; answers whether any job may now mean another device by `gpusPerNode`. */
  compareAccelerators(): boolean {
    const accelerators = acceleratorsOf(this.#world.pools.list());
    if (JSON.stringify(accelerators) === JSON.stringify(this.#accelerators)) return false;
    this.#accelerators = accelerators;
    return true;
  }

  /** Answers whether the jobs of the queue may now inherit something else from it. */
  queue(name: string): boolean {
    const queue = this.#world.queues.get(name);
    this.#tell('queue', name, queue && queueModel(queue));
    const { defaultTime, maxTime, pools } = queue?.spec ?? {};
    const inherited = JSON.stringify([defaultTime, maxTime, pools?.map(({ pool }) => pool)]);
    if (this.#inherited.get(name) === inherited) return false;
    if (queue) this.#inherited.set(name, inherited);
    else this.#inherited.delete(name);
    return true;
  }
}
