import { expect, test } from 'vitest';
import type { TuningStatus } from '../../../../crds/predictor.ts';
import { dueAt } from '../../../../operator/controllers/learning/tuning/due.ts';

const AT = 1_767_225_600;
const DAY = 86_400;
const WEEKLY = { everyDays: 7 };
const after = (outcome: TuningStatus['outcome'], failures?: number): number =>
  dueAt(
    {
      using: 'Configured',
      at: '2026-01-01T00:00:00Z',
      outcome,
      message: '',
      ...(failures !== undefined && { failures }),
    },
    WEEKLY,
  ) - AT;

test('a search comes at once, then as often as asked for', () => {
  expect(dueAt(undefined, WEEKLY)).toBe(Number.NEGATIVE_INFINITY);
  expect(after('Accepted')).toBe(7 * DAY);
  expect(after('Rejected')).toBe(7 * DAY);
});

test('too few runs are counted again the next day', () => {
  expect(after('TooFewRuns')).toBe(DAY);
});

test('one that failed is tried again later and later, and never later than usual', () => {
  expect([1, 2, 3, 30].map((failures) => after('Failed', failures))).toEqual([900, 1800, 3600, 7 * DAY]);
  expect(after('Failed')).toBe(900);
});
