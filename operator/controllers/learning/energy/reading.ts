/** Reads what Prometheus answered: the joules of a whole gang, or why they are not known. Missing is never zero. */
import { podName } from '../../../core/names.ts';
import type { Family } from './families.ts';
import { type Gang, ownerLabel } from './promql.ts';

/** One element of an instant vector. */
export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: number };

/** `missing`: no member was measured. `partial`: some, or some of their accelerators, were not. */
export type Lack = 'missing' | 'partial';

type Owned = { joules?: number; count?: number };

/** What is counted of each owner: NaN, infinite, negative and zero joules are as if they were not there. */
function owned(family: Family, samples: readonly Sample[]): Map<string, Owned> {
  const label = ownerLabel(family);
  const found = new Map<string, Owned>();
  for (const { metric, value } of samples) {
    const owner = metric[label];
    if (metric['family'] !== family.name || owner === undefined || !(value > 0) || !Number.isFinite(value)) continue;
    const one = found.get(owner) ?? {};
    if (metric['figure'] === 'joules') one.joules = value;
    else if (metric['figure'] === 'count') one.count = value;
    found.set(owner, one);
  }
  return found;
}

/** The owners that must have been measured, and how many accelerators each has of the gang. */
function wanted({ owner }: Family, { attempt, members, nodes, devices }: Gang): ReadonlyMap<string, number> {
  if ('node' in owner) return new Map([...nodes].map(([node, count]) => [node, count * devices]));
  return new Map(Array.from({ length: members }, (_, member) => [podName(attempt, member), devices]));
}

function total(family: Family, gang: Gang, samples: readonly Sample[]): number | Lack {
  const found = owned(family, samples);
  const owners = wanted(family, gang);
  let sum = 0;
  let measured = 0;
  for (const [owner, devices] of owners) {
    const { joules, count } = found.get(owner) ?? {};
    if (joules === undefined || count === undefined) continue;
    // Fewer accelerators were not all watched; more, on a node, are others' too.
    if (family.countsDevices && count !== devices) return 'partial';
    measured += 1;
    sum += joules;
  }
  if (measured === 0) return 'missing';
  return measured < owners.size ? 'partial' : sum;
}

/** Joules by the first family that measured all of the gang. */
export function joulesOfGang(families: readonly Family[], gang: Gang, samples: readonly Sample[]): number | Lack {
  const totals = families.map((family) => total(family, gang, samples));
  const known = totals.find((one) => typeof one === 'number');
  return known ?? (totals.includes('partial') ? 'partial' : 'missing');
}
