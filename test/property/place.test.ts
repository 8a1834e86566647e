import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hole } from '../../operator/core/holes.ts';
import { place } from '../../operator/core/place.ts';

const holes = fc.array(
  fc.record({
    rack: fc.constantFrom('r0', 'r1', 'r2', 'r3'),
    zone: fc.constantFrom('z0', 'z1'),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const made = (parts: readonly { rack: string; zone: string; count: number }[]): readonly Hole[] =>
  parts.map(({ rack, zone, count }, i) => ({
    node: { name: `n${i}`, labels: { rack, zone }, taints: [], unschedulable: false, ready: true, allocatable: {} },
    count,
    reluctance: 0,
    slack: 0,
  }));

/** The least number of values of `key` whose nodes hold `width`, by trying every set of values. */
function fewestByTrying(all: readonly Hole[], width: number, key: string): number {
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
        const placements = place(all, width, { keys: ['zone', 'rack'] });
        const room = all.reduce((sum, { count }) => sum + count, 0);
        expect(placements.reduce((sum, { count }) => sum + count, 0)).toBe(room >= width ? width : 0);
        for (const { node, count } of placements) {
          expect(count).toBeLessThanOrEqual(all.find((hole) => hole.node.name === node)?.count ?? 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('uses the fewest domains there can be', () => {
    fc.assert(
      fc.property(holes, fc.integer({ min: 1, max: 20 }), fc.constantFrom('rack', 'zone'), (parts, width, key) => {
        const all = made(parts);
        const used = place(all, width, { keys: [key] }).map(
          ({ node }) => all.find((h) => h.node.name === node)?.node.labels[key],
        );
        fc.pre(used.length > 0);
        expect(new Set(used).size).toBe(fewestByTrying(all, width, key));
      }),
      { numRuns: 500 },
    );
  });
});
