/** Topology: which nodes lie in which domain of a label, or of several labels from the widest to the narrowest. */
import type { Node } from '../model.ts';

export type Domains = {
  /** Domain by node index. Domains are numbered in the order of their names. */
  readonly ids: Int32Array;
  readonly names: readonly string[];
  /** Whether the nodes of the domain carry the narrowest label: those that do not lie nobody knows where. */
  readonly labelled: readonly boolean[];
};

/** Parts a path; no label value holds it. */
const SEPARATOR = '/';
const MISSING = '\u0000';

export class DomainTable {
  readonly #nodes: readonly Node[];
  readonly #known = new Map<string, Domains>();

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  /** Domains named by their values of all `keys`: rack r1 of zone a is not rack r1 of zone b. */
  of(keys: readonly string[]): Domains {
    const id = keys.join(' ');
    const known = this.#known.get(id);
    if (known) return known;
    const paths = this.#nodes.map(({ labels }) => keys.map((key) => labels[key] ?? MISSING).join(SEPARATOR));
    const names = [...new Set(paths)].sort();
    const numbers = new Map(names.map((name, i) => [name, i]));
    const ids = Int32Array.from(paths, (path) => numbers.get(path) ?? 0);
    const domains = { ids, names, labelled: names.map((name) => !name.endsWith(MISSING)) };
    this.#known.set(id, domains);
    return domains;
  }
}

/** Members that fit in each domain, by its number; nothing is counted where the label is missing. */
export function domainTotals({ ids, labelled }: Domains, index: Int32Array, counts: Int32Array): Float64Array {
  const totals = new Float64Array(labelled.length);
  for (let i = 0; i < index.length; i += 1) {
    const node = index[i] as number;
    const count = counts[node] as number;
    const domain = ids[node] as number;
    if (count > 0 && labelled[domain]) totals[domain] = (totals[domain] as number) + count;
  }
  return totals;
}

/** The domain with most room, first by name among equals, and how much. */
export function largest({ names }: Domains, totals: Float64Array): { readonly value: string; readonly room: number } {
  let best = -1;
  let room = 0;
  totals.forEach((total, domain) => {
    if (total > room) [best, room] = [domain, total];
  });
  return { value: names[best] ?? '', room };
}
