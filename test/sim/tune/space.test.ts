import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../operator/core/plan/policy.ts';
import { readPolicy, writePolicy } from '../../../operator/policyForm.ts';
import { recipeAt, startOf } from '../../../operator/sim/tune/space.ts';

const BASE = {
  policy: { ...DEFAULT_POLICY, tick: 7, planBy: 'q75' },
  queue: { order: 'strict', maxPriority: 3 },
} as const;

const START = startOf();

test('the search begins at a policy that surprises nobody', () => {
  const { policy, queue } = recipeAt(START, BASE);
  expect(policy).toMatchObject({
    score: { name: 'powers', width: 0.5, run: 1, limit: 0, z: 0, ageing: 1, horizon: 173_000 },
    reservations: 2,
    promotions: 2,
    holdBack: { share: 0.04, longerThan: 5400, exemptShare: 0.7, exemptWait: 173_000 },
    tick: 7,
    planBy: 'q75',
  });
  expect(queue).toEqual({ order: 'skipping', maxPriority: 3, waitObjective: 288_000 });
});

test('what is not to be searched is left as it is, and z counts only where it is told', () => {
  const searched = { z: true, queue: false };
  const start = startOf(searched);
  expect(start).toHaveLength(START.length);
  const { policy, queue } = recipeAt(start, BASE, searched);
  expect(policy).toMatchObject({ score: { z: 1, width: 0.5, ageing: 1 }, holdBack: { exemptWait: 173_000 } });
  expect(queue).toBe(BASE.queue);
  expect(startOf({ queue: false })).toHaveLength(START.length - 1);
});

test('every point is a policy that the operator can be configured with', () => {
  const point = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: START.length,
    maxLength: START.length,
  });
  fc.assert(
    fc.property(point, (at) => {
      const { policy, queue } = recipeAt(at, BASE);
      expect(readPolicy(JSON.parse(JSON.stringify(writePolicy(policy))))).toEqual(policy);
      expect(policy.reservations).toBeGreaterThanOrEqual(1);
      expect(queue.waitObjective).toBeGreaterThanOrEqual(6 * 3600);
    }),
  );
});

test('nothing is held back at a share of nothing, whatever the baseline held', () => {
  const holdBack = { share: 0.2, longerThan: 1, exemptShare: 1, exemptWait: 1 };
  const corner = recipeAt(
    START.map(() => 0),
    { ...BASE, policy: { ...BASE.policy, holdBack } },
  );
  expect(corner.policy.holdBack).toBeUndefined();
});
