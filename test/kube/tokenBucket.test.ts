import { expect, test } from 'vitest';
import { TokenBucket } from '../../operator/kube/tokenBucket.ts';
import { ManualClock } from './manualClock.ts';

test('a burst is free, then callers wait their turn', () => {
  const bucket = new TokenBucket(new ManualClock(), 10, 2);
  expect([1, 2, 3, 4].map(() => bucket.reserve())).toEqual([0, 0, 100, 200]);
});

test('tokens come back with time, never above the burst', () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, 10, 2);
  expect([1, 2, 3].map(() => bucket.tryTake())).toEqual([true, true, false]);
  clock.advance(100);
  expect([1, 2].map(() => bucket.tryTake())).toEqual([true, false]);
  clock.advance(3_600_000);
  expect([1, 2, 3].map(() => bucket.tryTake())).toEqual([true, true, false]);
});

test('a bucket that would never admit anything is refused', () => {
  expect(() => new TokenBucket(new ManualClock(), 0, 1)).toThrow(RangeError);
  expect(() => new TokenBucket(new ManualClock(), 1, 0)).toThrow(RangeError);
});
