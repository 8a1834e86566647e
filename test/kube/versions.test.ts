import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, newestVersion } from '../../operator/kube/versions.ts';

const version = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

test('the order is that of the numbers, up to 128 bits', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = a < b ? -1 : a > b ? 1 : 0;
      expect(Math.sign(compareVersions(String(a), String(b)))).toBe(order);
    }),
  );
});

test('undefined is older than any version', () => {
  expect(newestVersion(undefined, '1')).toBe('1');
  expect(newestVersion('9', undefined)).toBe('9');
  expect(newestVersion('9', '10')).toBe('10');
  expect(newestVersion(undefined, undefined)).toBeUndefined();
});
