import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivals } from '../../../operator/sim/synthetic/arrivals.ts';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';

/** Arrivals by hour of the day. */
function byHour(times: Float64Array): number[] {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const time of times) hours[Math.floor(time / 3600) % 24] = (hours[Math.floor(time / 3600) % 24] as number) + 1;
  return hours;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('arrivals', () => {
  it('are whole seconds, ascending, from 0 to the span', () => {
    const seed = fc.maxSafeNat();
    const span = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1e8 }));
    fc.assert(
      fc.property(
        seed,
        fc.integer({ min: 2, max: 200 }),
        span,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (...given) => {
          const [seed, count, span, cycle] = given;
          const times = arrivals(randomStream(seed, 'arrivals'), count, span, cycle);
          expect(times).toHaveLength(count);
          expect([times[0], times.at(-1)]).toEqual([0, span]);
          for (const [index, time] of times.entries()) {
            expect(Number.isInteger(time) && time >= (times[index - 1] ?? 0)).toBe(true);
          }
        },
      ),
    );
  });

  it('follow the day: afternoons are several times as busy as early mornings', () => {
    const hours = byHour(arrivals(randomStream(1, 'arrivals'), 50_000, 365 * 86_400, 1));
    expect(sum(hours.slice(12, 17))).toBeGreaterThan(4 * sum(hours.slice(2, 7)));
  });

  it('are even without a cycle', () => {
    const hours = byHour(arrivals(randomStream(1, 'arrivals'), 200_000, 2000 * 86_400, 0));
    expect(Math.max(...hours) / Math.min(...hours)).toBeLessThan(1.3);
  });

  it('come in bursts: the median gap is far below the mean', () => {
    const times = arrivals(randomStream(2, 'arrivals'), 10_000, 1e7, 0);
    const gaps = Array.from(times.subarray(1), (time, index) => time - (times[index] as number)).sort((a, b) => a - b);
    expect(gaps[5000]).toBeLessThan(500);
  });
});
