import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuantity, parseQuantity, QUANTITY_PATTERN, QuantityError } from '../../crds/quantity.ts';

/** Value of each suffix as a fraction of whole numbers. */
const SUFFIXES: Record<string, readonly [bigint, bigint]> = {
  '': [1n, 1n],
  n: [1n, 10n ** 9n],
  u: [1n, 10n ** 6n],
  m: [1n, 1000n],
  k: [1000n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [1024n, 1n],
  Mi: [1024n ** 2n, 1n],
  Gi: [1024n ** 3n, 1n],
  Ti: [1024n ** 4n, 1n],
  Pi: [1024n ** 5n, 1n],
  Ei: [1024n ** 6n, 1n],
  e3: [1000n, 1n],
  'E-2': [1n, 100n],
  'e+1': [10n, 1n],
};
const MAX = 2n ** 63n - 1n;

const parts = fc.record({
  whole: fc.stringMatching(/^[0-9]{1,12}$/),
  fraction: fc.option(fc.stringMatching(/^[0-9]{0,9}$/), { nil: undefined }),
  suffix: fc.constantFrom(...Object.keys(SUFFIXES)),
});

/** The least whole number of base units that covers whole.fraction x suffix. */
function expected(whole: string, fraction: string, suffix: string, unit: bigint): bigint {
  const [top, bottom] = SUFFIXES[suffix] ?? [0n, 1n];
  const numerator = BigInt(whole + fraction) * top * unit;
  const denominator = 10n ** BigInt(fraction.length) * bottom;
  const floor = numerator / denominator;
  const value = floor * denominator === numerator ? floor : floor + 1n;
  return value > MAX ? MAX : value;
}

describe('parseQuantity', () => {
  it('is exact in every form, rounded up to the base unit', () => {
    fc.assert(
      fc.property(parts, fc.constantFrom('cpu', 'memory'), ({ whole, fraction, suffix }, resource) => {
        const text = `${whole}${fraction === undefined ? '' : `.${fraction}`}${suffix}`;
        const value = expected(whole, fraction ?? '', suffix, resource === 'cpu' ? 1000n : 1n);
        expect(parseQuantity(resource, text)).toBe(Number(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['memory', '1e3', 1000],
    ['memory', '1E3', 1000],
    ['memory', '5E', 5e18],
    ['memory', '0.5', 1],
    ['cpu', '0.5', 500],
    ['cpu', '.5', 500],
    ['cpu', '5.', 5000],
    ['cpu', '+2', 2000],
    ['cpu', '1e-3', 1],
    ['cpu', '1n', 1],
    ['cpu', '0n', 0],
    ['memory', '0.5Gi', 2 ** 29],
    ['memory', '1.5Ki', 1536],
    ['nvidia.com/gpu', 8, 8],
    ['cpu', 1.5, 1500],
  ])('%s %s', (resource, text, value) => {
    expect(parseQuantity(resource, text)).toBe(value);
  });

  it('is capped where Kubernetes caps it', () => {
    expect(parseQuantity('memory', '9Ei')).toBe(Number(MAX));
    expect(parseQuantity('memory', '7Ei')).toBe(7 * 2 ** 60);
    expect(parseQuantity('memory', '-9Ei')).toBe(-Number(MAX));
  });

  it('rounds a negative amount away from zero, as the API server does', () => {
    expect(parseQuantity('memory', '-1.5')).toBe(-2);
    expect(parseQuantity('cpu', '-1500u')).toBe(-2);
  });

  it.each(['', '.', '+', '5e', '5e1.5', '1 Gi', '1gi', '16GB', 'm', '--1', '1e', '0x10', 'NaN'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseQuantity('memory', text)).toThrow(QuantityError);
    },
  );

  it('reads whatever the CRD lets in', () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(QUANTITY_PATTERN)), (text) => {
        expect(parseQuantity('cpu', text)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('formatQuantity', () => {
  it('is read back as the same value', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.constantFrom('cpu', 'memory', 'ephemeral-storage', 'nvidia.com/gpu'),
        (value, resource) => {
          const text = formatQuantity(resource, value);
          expect(parseQuantity(resource, text)).toBe(value);
          expect(text).toMatch(new RegExp(QUANTITY_PATTERN));
        },
      ),
    );
  });

  it.each([
    ['cpu', 1500, '1500m'],
    ['cpu', 4000, '4'],
    ['cpu', 0, '0'],
    ['memory', 16 * 2 ** 30, '16Gi'],
    ['memory', 1500, '1500'],
    ['memory', 0, '0'],
    ['nvidia.com/gpu', 1024, '1024'],
  ])('%s %d is %s', (resource, value, text) => {
    expect(formatQuantity(resource, value)).toBe(text);
  });
});
