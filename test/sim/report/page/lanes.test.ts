import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignLanes, type Stay } from '../../../../operator/sim/report/page/lanes.ts';

const stay = fc
  .record({
    start: fc.integer({ min: 0, max: 40 }),
    length: fc.integer({ min: 0, max: 20 }),
    units: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ start, length, units }): Stay => ({ start, end: start + length, units }));

/** Units in use at the busiest moment. */
function peak(stays: readonly Stay[]): number {
  return Math.max(
    0,
    ...stays.map(({ start }) =>
      stays.filter((s) => s.start <= start && start < s.end).reduce((a, s) => a + s.units, 0),
    ),
  );
}

describe('lanes', () => {
  it('are never shared, hold every unit, and are as many as are needed', () => {
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (stays, capacity) => {
        const { strips, lanes } = assignLanes(stays, capacity);
        expect(lanes).toBe(Math.max(capacity, peak(stays)));
        for (const [i, { start, end, units }] of stays.entries()) {
          const held = strips.filter((strip) => strip.stay === i).reduce((sum, { height }) => sum + height, 0);
          expect(held).toBe(end > start ? units : 0);
        }
        for (const [i, a] of strips.entries()) {
          for (const b of strips.slice(i + 1)) {
            const [one, other] = [stays[a.stay] as Stay, stays[b.stay] as Stay];
            const together = one.start < other.end && other.start < one.end;
            const apart = a.lane + a.height <= b.lane || b.lane + b.height <= a.lane;
            expect(apart || !together).toBe(true);
          }
        }
      }),
    );
  });

  it('are filled from the lowest, in one piece where one is free', () => {
    const stays = [
      { start: 0, end: 10, units: 2 },
      { start: 1, end: 5, units: 3 },
      { start: 2, end: 10, units: 1 },
      { start: 6, end: 9, units: 2 }, // lanes 2 to 4 are free again
      { start: 7, end: 9, units: 3 }, // only in pieces
    ];
    expect(assignLanes(stays, 8).strips).toEqual([
      { stay: 0, lane: 0, height: 2 },
      { stay: 1, lane: 2, height: 3 },
      { stay: 2, lane: 5, height: 1 },
      { stay: 3, lane: 2, height: 2 },
      { stay: 4, lane: 4, height: 1 },
      { stay: 4, lane: 6, height: 2 },
    ]);
  });
});
