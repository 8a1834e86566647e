import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shuffled } from '../../../predictors/net/shuffle.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';

test('every number once, in an order that the seed decides', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(), (count, seed) => {
      const order = shuffled(count, randomOf(seed));
      expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      expect(shuffled(count, randomOf(seed))).toEqual(order);
    }),
  );
});

test('all orders are as likely', () => {
  const next = randomOf(1);
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i += 1) {
    const order = shuffled(3, next).join();
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  expect(Math.min(...seen.values())).toBeGreaterThan(850);
});
