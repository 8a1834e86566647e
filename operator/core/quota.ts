/** What queues are charged for in each pool, against what they may use. */
import type { Queue, Resources } from './model.ts';
import { type Demand, demandOf, membersThatFit } from './resources.ts';

/** A limit that does not leave enough. All in base units of `resource`. */
export type Shortage = {
  readonly resource: string;
  readonly limit: number;
  readonly used: number;
  readonly need: number;
};

export class Quotas {
  readonly #limits: ReadonlyMap<string, Queue>;
  readonly #used: Map<string, Record<string, number>>;

  constructor(queues: ReadonlyMap<string, Queue>, used: ReadonlyMap<string, Resources> = new Map()) {
    this.#limits = queues;
    this.#used = new Map([...used].map(([account, amounts]) => [account, { ...amounts }]));
  }

  /** A copy that charges on its own. */
  clone(): Quotas {
    return new Quotas(this.#limits, this.#used);
  }

  /** Charges `members` members to the queue in the pool; a negative number gives them back. */
  charge(queue: string, pool: string, request: Resources, members: number): void {
    const used = this.#used.get(account(queue, pool)) ?? {};
    for (const [resource, amount] of demandOf(request)) used[resource] = (used[resource] ?? 0) + amount * members;
    this.#used.set(account(queue, pool), used);
  }

  /** How many more members the queue's quota in the pool allows; Infinity where nothing they ask for is limited. */
  room(queue: string, pool: string, demand: Demand): number {
    return this.#holds(queue, pool, demand, this.#used.get(account(queue, pool)) ?? {});
  }

  /** How many members the quota would allow if nothing were charged. */
  whole(queue: string, pool: string, demand: Demand): number {
    return this.#holds(queue, pool, demand, {});
  }

  #holds(queue: string, pool: string, demand: Demand, used: Resources): number {
    const limit = this.#limit(queue, pool);
    const limited = demand.filter(([resource]) => limit[resource] !== undefined);
    const free = Object.fromEntries(limited.map(([r]) => [r, (limit[r] ?? 0) - (used[r] ?? 0)]));
    return membersThatFit(free, limited);
  }

  /**
   * The limit that keeps `members` members out and lets the fewest in. With `empty`, the limit is held against what
   * is asked for alone, as if nothing were charged.
   */
  shortage(
    queue: string,
    pool: string,
    demand: Demand,
    { members, empty }: { members: number; empty: boolean },
  ): Shortage | undefined {
    const limit = this.#limit(queue, pool);
    const charged = empty ? {} : (this.#used.get(account(queue, pool)) ?? {});
    let worst: Shortage | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [resource, amount] of demand) {
      const most = limit[resource];
      if (most === undefined) continue;
      const used = charged[resource] ?? 0;
      const holds = (most - used) / amount;
      if (holds >= members || holds >= fewest) continue;
      fewest = holds;
      worst = { resource, limit: most, used, need: amount * members };
    }
    return worst;
  }

  #limit(queue: string, pool: string): Resources {
    return this.#limits.get(queue)?.pools?.[pool] ?? {};
  }
}

/** Names of objects hold no slash, so this joins them without doubt. */
function account(queue: string, pool: string): string {
  return `${queue}/${pool}`;
}
