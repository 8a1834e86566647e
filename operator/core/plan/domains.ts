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
    const domains = this.#divide(keys);
    this.#known.set(id, domains);
    return domains;
  }

  /** Divides the domains of all keys but the last by that one: no path has to be spelt out for every node. */
  #divide(keys: readonly string[]): Domains {
    const [key = '', wider] = [keys.at(-1), keys.length > 1 ? this.of(keys.slice(0, -1)) : undefined];
    const found: { readonly name: string; readonly number: number }[] = [];
    const within = new Map<number, Map<string, number>>();
    const numbers = Int32Array.from(this.#nodes, ({ labels }, node) => {
      const outer = wider?.ids[node] ?? 0;
      const values = within.get(outer) ?? new Map<string, number>();
      const value = labels[key] ?? MISSING;
      const known = values.get(value);
      if (known !== undefined) return known;
      const number = found.length;
      found.push({ name: wider ? `${wider.names[outer]}${SEPARATOR}${value}` : value, number });
      within.set(outer, values.set(value, number));
      return number;
    });
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = new Int32Array(found.length);
    found.forEach(({ number }, place) => (places[number] = place));
    const names = found.map(({ name }) => name);
    const ids = numbers.map((number) => places[number] as number);
    return { ids, names, labelled: names.map((name) => !name.endsWith(MISSING)) };
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
