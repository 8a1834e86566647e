/** Amounts of resources: what a member asks for, how many such members an amount holds, and how people read it. */
import { formatQuantity } from '../../crds/quantity.ts';
import type { Resources } from './model.ts';

/** The positive amounts of a request in a fixed order, so that equal requests are equal as text. */
export type Demand = readonly (readonly [resource: string, amount: number])[];

/** A member always takes a pod slot, also where the request does not say so: this is what keeps a node's count finite. */
export function demandOf(request: Resources): Demand {
  return Object.entries({ pods: 1, ...request })
    .filter(([, amount]) => amount > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** How many members with `demand` fit into `free`. Zero, never negative, where `free` is overdrawn. */
export function membersThatFit(free: Resources, demand: Demand): number {
  let count = Number.POSITIVE_INFINITY;
  for (const part of demand) {
    const has = free[part[0]] ?? 0;
    if (has < part[1]) return 0;
    count = Math.min(count, Math.floor(has / part[1]));
  }
  return count;
}

/** Whether two records say the same, in whatever order. */
export function sameEntries<T>(a: Readonly<Record<string, T>>, b: Readonly<Record<string, T>>): boolean {
  let count = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    count += 1;
  }
  for (const _ in b) count -= 1;
  return count === 0;
}

/** The same text for the same amounts in the same order: cheaper than one that does not mind the order. */
export function amountsKey(amounts: Resources): string {
  let key = '';
  for (const name in amounts) key += `|${name}=${amounts[name]}`;
  return key;
}

/** What people call a resource: `CPU` rather than `cpu`, all others by their name. */
export function unit(resource: string): string {
  return resource === 'cpu' ? 'CPU' : resource;
}

/** `value` base units of `resource` with its unit: `1500m CPU`, `8Gi memory`, `4 nvidia.com/gpu`. */
export function amountText(resource: string, value: number): string {
  return `${formatQuantity(resource, value)} ${unit(resource)}`;
}

/** `2 CPU, 8Gi memory`; pod slots are left out, for every member takes one. `times`: of that many members together. */
export function demandText(demand: Demand, times = 1): string {
  const named = demand.filter(([resource]) => resource !== 'pods');
  return named.length === 0 ? 'no resources' : named.map(([r, amount]) => amountText(r, amount * times)).join(', ');
}
