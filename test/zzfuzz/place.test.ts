import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../operator/core/model.ts';
import { DomainTable } from '../../operator/core/plan/domains.ts';
import type { Hole } from '../../operator/core/plan/holes.ts';
import { narrowed } from '../../operator/core/plan/narrow.ts';
import { place, type Topology } from '../../operator/core/plan/place.ts';

const holes = fc.array(
  fc.record({
    rack: fc.constantFrom('r0', 'r1', 'r2', 'r3'),
    zone: fc.constantFrom('z0', 'z1'),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
);

type Spot = { readonly node: Node; readonly count: number };

const made = (parts: readonly { rack: string; zone: string; count: number }[]): readonly Spot[] =>
  parts.map(({ rack, zone, count }, i) => ({
    node: { name: `n${i}`, labels: { rack, zone }, taints: [], unschedulable: false, ready: true, allocatable: {} },
    count,
  }));

/** What is put on each spot that is used. */
function put(all: readonly Spot[], width: number, topology: Topology) {
  const holes = all.map(({ count }, index): Hole => ({ index, count, reluctance: 0, slack: 0 }));
  const table = new DomainTable(all.map(({ node }) => node));
  return place(holes, width, topology, table).map(({ index, count }) => ({ spot: all[index] as Spot, count }));
}

/** The least number of values of `key` whose nodes hold `width`, by trying every set of values. */
function fewestByTrying(all: readonly Spot[], width: number, key: string): number {
  const values = [...new Set(all.map(({ node }) => node.labels[key]))];
  let fewest = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 1 << values.length; set += 1) {
    const chosen = values.filter((_, i) => (set >> i) & 1);
    const room = all.filter(({ node }) => chosen.includes(node.labels[key])).reduce((sum, { count }) => sum + count, 0);
    if (room >= width) fewest = Math.min(fewest, chosen.length);
  }
  return fewest;
}

describe('place', () => {
  it('places a gang if and only if it fits, never more on a node than it takes', () => {
    fc.assert(
      fc.property(holes, fc.integer({ min: 1, max: 34 }), (parts, width) => {
        const all = made(parts);
        const placed = put(all, width, { keys: ['zone', 'rack'] });
        const room = all.reduce((sum, { count }) => sum + count, 0);
        expect(placed.reduce((sum, { count }) => sum + count, 0)).toBe(room >= width ? width : 0);
        for (const { spot, count } of placed) expect(count).toBeLessThanOrEqual(spot.count);
        expect(new Set(placed.map(({ spot }) => spot)).size).toBe(placed.length);
      }),
      { numRuns: 500 * 5 },
    );
  });

  it('uses the fewest domains there can be', () => {
    fc.assert(
      fc.property(holes, fc.integer({ min: 1, max: 20 }), fc.constantFrom('rack', 'zone'), (parts, width, key) => {
        const all = made(parts);
        const used = put(all, width, { keys: [key] }).map(({ spot }) => spot.node.labels[key]);
        fc.pre(used.length > 0);
        expect(new Set(used).size).toBe(fewestByTrying(all, width, key));
      }),
      { numRuns: 500 * 5 },
    );
  });

  it('comes to the same if only the nodes of the domain that it would choose are looked at', () => {
    const spot = fc.record({
      rack: fc.constantFrom('r0', 'r1', 'r2', 'r3', 'r4', 'r5'),
      zone: fc.constantFrom('z0', 'z1', 'z2'),
      count: fc.constantFrom(0, 0, 1, 2, 8),
    });
    const fleets = fc.array(spot, { minLength: 500, maxLength: 520, size: 'max' });
    const keys = fc.constantFrom<readonly string[]>([], ['rack'], ['zone'], ['zone', 'rack']);
    fc.assert(
      fc.property(fleets, fc.integer({ min: 1, max: 400 }), keys, (parts, width, keys) => {
        const all = made(parts);
        const table = new DomainTable(all.map(({ node }) => node));
        const index = Int32Array.from(all.flatMap(({ count }, i) => (count > 0 ? [i] : [])));
        const counts = Int32Array.from(all, ({ count }) => count);
        const few = narrowed(index, counts, width, { keys }, table);
        const of = (nodes: Int32Array) => {
          const holes = Array.from(nodes, (i): Hole => ({ index: i, count: counts[i] ?? 0, reluctance: 0, slack: 0 }));
          return place(holes, width, { keys }, table);
        };
        expect(of(few)).toEqual(of(index));
      }),
      { numRuns: 60 * 5 },
    );
  });
});
