import { expect, it } from 'vitest';
import type { WidthPoint } from '../../../predictors/scaling/point.ts';
import { amdahlWithCommunication, logLogLine, meanOfOthers } from './baselines.ts';

const curve = (seconds: (width: number) => number): readonly WidthPoint[] =>
  [2, 4, 8, 16, 32].map((width) => ({
    program: 'p',
    environment: 'e',
    kind: 'cpu',
    size: 1,
    width,
    seconds: seconds(width),
  }));

it('draws the straight line over logarithms', () => {
  expect(
    logLogLine(
      curve((n) => 100 / n ** 0.7),
      64,
    ),
  ).toBeCloseTo(100 / 64 ** 0.7, 8);
});

it('finds serial, parallel and communication time, beyond the turn too', () => {
  const time = (n: number) => 3 + 200 / n + 0.4 * n;
  expect(amdahlWithCommunication(curve(time), 64)).toBeCloseTo(time(64), 3);
  const log = (n: number) => 3 + 200 / n + 2 * Math.log2(n);
  expect(amdahlWithCommunication(curve(log), 64)).toBeCloseTo(log(64), 3);
});

it('is the mean of what is known where one point is', () => {
  const one = curve((n) => n).slice(0, 1);
  expect(amdahlWithCommunication(one, 8)).toBe(2);
  expect(
    meanOfOthers(
      curve((n) => n),
      8,
    ),
  ).toBe(62 / 5);
});
