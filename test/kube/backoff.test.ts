import { expect, test } from 'vitest';
import { Backoff } from '../../operator/kube/backoff.ts';

test('delays grow up to the bound and start again after a success', () => {
  const backoff = new Backoff({ base: 100, max: 1000, random: () => 1 });
  expect([1, 2, 3, 4].map(() => backoff.next())).toEqual([300, 900, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(300);
});

test('no delay is shorter than the base', () => {
  const backoff = new Backoff({ base: 100, max: 1000, random: () => 0 });
  expect([1, 2, 3].map(() => backoff.next())).toEqual([100, 100, 100]);
});
