import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../crds/duration.ts';

describe('parseDuration', () => {
  it('adds hours, minutes and seconds', () => {
    const parts = fc.record({ h: fc.nat(999_999), m: fc.nat(9_999_999), s: fc.nat(99_999_999) });
    fc.assert(
      fc.property(parts, ({ h, m, s }) => {
        fc.pre(h + m + s > 0);
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe(h * 3600 + m * 60 + s);
      }),
    );
  });

  it('agrees with the pattern of the CRD, save for nothing and zero, which a rule refuses', () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(DURATION_PATTERN)), (text) => {
        if (/[1-9]/.test(text)) expect(parseDuration(text)).toBeGreaterThan(0);
        else expect(() => parseDuration(text)).toThrow(RangeError);
      }),
    );
  });

  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1h30m', 5400],
    ['0h1s', 1],
  ])('%s is %d s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', '0s', '10', '1.5h', '-1h', '30m1h', '1d', '1h 30m', '1H'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(`"${text}" is not a duration`);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [-3, '0s'],
    [0.4, '0s'],
    [59.6, '1m'],
    [45, '45s'],
    [125, '2m5s'],
    [3600, '1h'],
    [3605, '1h'],
    [7500, '2h5m'],
    [90_061, '1d1h'],
    [273_600, '3d4h'],
  ])('%d s is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('is exact in its first two units, and loses less than one of the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_399 }), (seconds) => {
        const lost = seconds - parseDuration(formatDuration(seconds));
        expect(lost).toBeGreaterThanOrEqual(0);
        expect(lost).toBeLessThan(seconds < 3600 ? 1 : 60);
      }),
    );
  });
});
