/**
 * Leaves only the nodes of the domain in which a gang will be placed, before any of them is looked at closely. Placing
 * would choose the same domain from all nodes; with thousands of them it would take longer to do so.
 */
import { type DomainTable, domainTotals } from './domains.ts';
import type { Topology } from './place.ts';
import type { Candidates } from './pools.ts';

/** With fewer nodes than this it is faster to look at all of them closely. */
const MANY = 256;

/** The candidates that have room, in order; in `nodes`, which is as long as there are nodes. */
export function roomy({ index }: Candidates, counts: Int32Array, nodes: Int32Array): Int32Array {
  let found = 0;
  for (let i = 0; i < index.length; i += 1) {
    const node = index[i] as number;
    if ((counts[node] as number) > 0) nodes[found++] = node;
  }
  return nodes.subarray(0, found);
}

/** Of the nodes `index`, which have room, those in the narrowest domain that holds `width` members; all if none does. */
export function narrowed(
  index: Int32Array,
  counts: Int32Array,
  width: number,
  { required, keys }: Topology,
  table: DomainTable,
): Int32Array {
  if (index.length < MANY || required !== undefined) return index;
  for (let level = keys.length; level > 0; level -= 1) {
    const domains = table.of(keys.slice(0, level));
    const best = tightest(domainTotals(domains, index, counts), width);
    if (best >= 0) return index.filter((node) => domains.ids[node] === best);
  }
  return index;
}

function tightest(totals: Float64Array, width: number): number {
  let best = -1;
  for (let domain = 0; domain < totals.length; domain += 1) {
    const room = totals[domain] ?? 0;
    if (room >= width && (best === -1 || room < (totals[best] ?? 0))) best = domain;
  }
  return best;
}
