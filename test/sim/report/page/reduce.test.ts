import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Point, reduced } from '../../../../operator/sim/report/page/reduce.ts';

const KEYS = ['used', 'reserved', 'waiting', 'fragmentation'] as const;

const points = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 100 }), value: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: 2,
    maxLength: 200,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(({ gap, value }): Point => {
      at += gap;
      return {
        at,
        used: value,
        reserved: value / 2,
        waiting: 100 * value,
        waitingMax: 100 * value,
        fragmentation: 1 - value,
      };
    });
  });

/** Value times time: what means over spans must keep. */
function integral(of: readonly Point[], key: (typeof KEYS)[number]): number {
  return of.reduce((sum, point, i) => sum + point[key] * ((of[i + 1]?.at ?? point.at) - point.at), 0);
}

describe('fewer points', () => {
  it('keep the area under every curve, the peak of the queue and the ends', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 20 }), (all, most) => {
        const few = reduced(all, most);
        if (all.length <= most) {
          expect(few).toBe(all);
          return;
        }
        expect(few.length).toBeLessThanOrEqual(Math.max(most + 1, all.at(-1)?.at === all[0]?.at ? all.length : 0));
        expect([few[0]?.at, few.at(-1)]).toEqual([all[0]?.at, all.at(-1)]);
        for (const key of KEYS) expect(integral(few, key)).toBeCloseTo(integral(all, key), 6);
        const held = all.filter((point, i) => (all[i + 1]?.at ?? point.at) > point.at);
        const peak = (of: readonly Point[]) => Math.max(...of.map(({ waitingMax }) => waitingMax));
        if (held.length > 0) expect(peak(few.slice(0, -1))).toBe(peak(held));
      }),
    );
  });
});
