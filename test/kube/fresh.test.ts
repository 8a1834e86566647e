import { expect, test } from 'vitest';
import { Fresh } from '../../operator/kube/fresh.ts';
import { Store } from '../../operator/kube/store.ts';
import { ManualClock } from './manualClock.ts';
import { THINGS, type Thing, thing } from './things.ts';

function gate(): { clock: ManualClock; store: Store<Thing>; fresh: Fresh } {
  const clock = new ManualClock();
  const store = new Store<Thing>();
  const fresh = new Fresh({ clock, bound: 10_000, retry: 50 });
  fresh.follow(THINGS, store);
  store.replace([], '5');
  return { clock, store, fresh };
}

test('an owner is stale until the store has seen its highest write', () => {
  const { store, fresh } = gate();
  fresh.wrote(THINGS, 'a/job', '10');
  fresh.wrote(THINGS, 'a/job', '9');
  store.upsert(thing('x', 9));
  expect(fresh.check('a/job')).toEqual({ state: 'stale', retryAfter: 50 });
  expect(fresh.check('a/other')).toEqual({ state: 'fresh' });
  store.bookmark('10');
  expect(fresh.check('a/job')).toEqual({ state: 'fresh' });
});

test('the wait is bounded, and expiry is said once', () => {
  const { clock, fresh } = gate();
  fresh.wrote(THINGS, 'a/job', '10');
  clock.advance(9_999);
  expect(fresh.check('a/job').state).toBe('stale');
  clock.advance(1);
  expect(fresh.check('a/job').state).toBe('expired');
  expect(fresh.check('a/job').state).toBe('fresh');
});

test('after a relist that went back, the wait still ends', () => {
  const { clock, store, fresh } = gate();
  fresh.wrote(THINGS, 'a/job', '10');
  store.replace([], '3');
  clock.advance(10_000);
  expect(fresh.check('a/job').state).toBe('expired');
});

test('a write to a type that nobody follows, or without a version, is not waited for', () => {
  const { fresh } = gate();
  fresh.wrote({ ...THINGS, plural: 'others' }, 'a/job', '10');
  fresh.wrote(THINGS, 'a/job', undefined);
  expect(fresh.check('a/job').state).toBe('fresh');
});

test('an owner that is gone is forgotten', () => {
  const { fresh } = gate();
  fresh.wrote(THINGS, 'a/job', '10');
  fresh.forget('a/job');
  expect(fresh.check('a/job').state).toBe('fresh');
});
