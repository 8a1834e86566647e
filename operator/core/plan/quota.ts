/** Quota in figures. */
import type { Resources } from '../model.ts';
import { type Demand, membersThatFit } from '../resources.ts';

/** A limit that does not leave enough. All in base units of `resource`. */
export type Shortage = {
  readonly resource: string;
  readonly limit: number;
  readonly used: number;
  readonly need: number;
};

/** The limit that keeps `members` members out and lets the fewest in; undefined if all fit. */
export function quotaShortage(
  limits: Resources,
  usage: Resources,
  demand: Demand,
  members: number,
): Shortage | undefined {
  let worst: Shortage | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [resource, amount] of demand) {
    const limit = limits[resource];
    if (limit === undefined) continue;
    const used = usage[resource] ?? 0;
    const holds = (limit - used) / amount;
    if (holds >= members || holds >= fewest) continue;
    fewest = holds;
    worst = { resource, limit, used, need: amount * members };
  }
  return worst;
}

/** How many members the quota would allow if nothing were charged; Infinity where nothing they ask for is limited. */
export function wholeQuota(limits: Resources, demand: Demand): number {
  return membersThatFit(
    limits,
    demand.filter(([resource]) => limits[resource] !== undefined),
  );
}
