import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from '../../operator/core/time.ts';

describe('times without a clock', () => {
  it('are those of Date, from 1970 to 2200, to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_258_118_400_000 }), (millis) => {
        const text = new Date(millis).toISOString();
        expect(formatTime(millis / 1000)).toBe(text);
        expect(Math.round((parseTime(text) ?? Number.NaN) * 1000)).toBe(millis);
      }),
    );
  });

  it('read what the API server writes, with offsets and without fractions', () => {
    expect(parseTime('2026-11-21T10:00:00Z')).toBe(Date.parse('2026-11-21T10:00:00Z') / 1000);
    expect(parseTime('2026-11-21T12:00:00+02:00')).toBe(Date.parse('2026-11-21T10:00:00Z') / 1000);
    expect(parseTime('2026-11-21T10:00:00.123456Z')).toBeCloseTo(Date.parse('2026-11-21T10:00:00.123Z') / 1000, 2);
  });

  it.each([undefined, '', 'yesterday', '2026-11-21', '2026-11-21 10:00:00Z'])('%s is no time', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
