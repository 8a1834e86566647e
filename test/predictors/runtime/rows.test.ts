import { expect, it } from 'vitest';
import { Rows } from '../../../predictors/runtime/rows.ts';

const row = (user: string, target = 0) => ({
  user,
  features: Float64Array.of(1, 2),
  target,
  quick: 0.1,
  censored: false,
});

const weightsOf = (counts: Readonly<Record<string, number>>) => {
  const rows = new Rows(10_000);
  for (const [user, count] of Object.entries(counts))
    for (let at = 0; at < count; at++) rows.add(row(user, user.charCodeAt(0)));
  const { weights, targets } = rows.trainingSet(2);
  const of = (user: string) =>
    weights.filter((_, at) => targets[at] === user.charCodeAt(0)).reduce((sum, weight) => sum + weight, 0);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return { of, all };
};

it('lets nobody’s rows weigh more than a fifth of all', () => {
  const { of, all } = weightsOf({ a: 5000, b: 700, c: 700, d: 700, e: 700, f: 700, g: 700, h: 700 });
  expect(of('a') / all).toBeCloseTo(0.2, 5);
  expect(of('b')).toBe(700);
});

it('leaves every user a thousand rows, and the only one all', () => {
  const { of } = weightsOf({ a: 5000, b: 100, c: 100 });
  expect(of('a')).toBeCloseTo(1000);
  expect(of('b')).toBe(100);
  expect(weightsOf({ a: 5000 }).all).toBe(5000);
});

it('lets the oldest row go, but the flooder’s own where one user has more than a fifth', () => {
  const rows = new Rows(100);
  for (let at = 0; at < 50; at++) rows.add(row('honest', at));
  for (let at = 0; at < 1000; at++) rows.add(row('flood', 1000 + at));
  const { targets, count } = rows.trainingSet(2);
  expect(count).toBe(100);
  expect(targets.filter((target) => target < 1000)).toHaveLength(50);
  expect(targets.at(-1)).toBe(1999);
});

it('gives one user all the room while nobody else is there', () => {
  const rows = new Rows(100);
  for (let at = 0; at < 250; at++) rows.add(row('only', at));
  expect([...rows.trainingSet(2).targets]).toEqual(Array.from({ length: 100 }, (_, at) => 150 + at));
});
