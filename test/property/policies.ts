/** Policies drawn over all of their fields. */
import * as fc from 'fast-check';
import type { Plan, Snapshot } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import type { Estimate, HoldBack, Policy } from '../../operator/core/plan/policy.ts';
import { NAMED_SCORES, type Score } from '../../operator/core/plan/score.ts';
import { NOW } from './worlds.ts';

const estimate = fc.constantFrom<Estimate>('q10', 'q50', 'q75', 'q90', 'limit');

const powers: fc.Arbitrary<Score> = fc.record({
  name: fc.constant('powers'),
  width: fc.constantFrom(0, 0.5, 1),
  run: fc.constantFrom(0, 1, 1.5),
  limit: fc.constantFrom(0, 1),
  z: fc.constantFrom(0, 1),
  ageing: fc.constantFrom(0, 2),
  horizon: fc.constantFrom(60, 21_600),
});

/** Most gangs long and few exempt, so that something is held back from somebody. */
const holdBack: fc.Arbitrary<HoldBack> = fc.record({
  share: fc.constantFrom(0.1, 0.3, 0.5, 1),
  longerThan: fc.constantFrom(0, 0, 60, 400),
  exemptShare: fc.constantFrom(0.3, 1, 1, 1),
  exemptWait: fc.constantFrom(55, 1000, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
});

const plain = {
  score: fc.oneof(
    fc.constantFrom(...NAMED_SCORES).map((name): Score => ({ name })),
    powers,
  ),
  orderBy: estimate,
  planBy: estimate,
  reservations: fc.constantFrom(0, 1, 2, 64, Number.POSITIVE_INFINITY),
  candidates: fc.constantFrom<Policy['candidates']>('score', 'score', 'shortest', 'submitted'),
  promotions: fc.constantFrom(0, 1, 4),
  tick: fc.constantFrom(0, 30),
  unlimited: fc.constantFrom(200, 86_400),
};

export const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.record(plain),
  fc.record({ ...plain, holdBack }),
  fc.record({ ...plain, runningBy: estimate, holdBack }),
);

/** The property holds of the plan of any world under any policy. */
export function checkPlans(
  arb: fc.Arbitrary<Snapshot>,
  numRuns: number,
  property: (world: Snapshot, policy: Policy, made: Plan) => void,
): void {
  fc.assert(
    fc.property(arb, policies, (world, policy) => property(world, policy, plan(world, NOW, policy))),
    { numRuns },
  );
}
