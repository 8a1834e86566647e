/** Long gangs leave the room that is held back from them, but those that are exempt. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part, Snapshot, WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import type { HoldBack, Policy } from '../../operator/core/plan/policy.ts';
import { predictionFor, runOf } from '../../operator/core/plan/runtime.ts';
import { inPool } from './oracle.ts';
import { policies } from './policies.ts';
import { busy, NOW, rigid } from './worlds.ts';

const GPU = 'nvidia.com/gpu';

/** What the pool is counted in, and how much of it its nodes in good condition offer. */
function sizeOf(world: Snapshot, name: string): { readonly unit: string; readonly units: number } {
  const pool = world.pools.find((p) => p.name === name);
  const soft = ({ effect }: { effect: string }) => effect === 'PreferNoSchedule';
  const all = pool?.tolerations.some(({ key }) => key === undefined) ?? false;
  const dedicated = pool?.tolerations.some(({ key }) => key === 'dedicated') ?? false;
  const nodes = world.nodes.filter(
    (node) =>
      pool &&
      inPool(node, pool) &&
      node.ready &&
      !node.unschedulable &&
      node.taints.every((taint) => soft(taint) || all || (dedicated && taint.key === 'dedicated')),
  );
  const unit = nodes.some(({ allocatable }) => (allocatable[GPU] ?? 0) > 0) ? GPU : 'cpu';
  return { unit, units: nodes.reduce((sum, { allocatable }) => sum + (allocatable[unit] ?? 0), 0) };
}

type Known = Parameters<typeof predictionFor>[0];

function isLong(gang: Known, pool: string, members: number, policy: Policy & { holdBack: HoldBack }): boolean {
  return runOf(gang, predictionFor(gang, pool, members), 'q75', policy) > policy.holdBack.longerThan;
}

/** What long gangs hold of the pool's unit before the plan. */
function usedBefore(world: Snapshot, pool: string, unit: string, policy: Policy & { holdBack: HoldBack }): number {
  let used = 0;
  for (const gang of world.charged) {
    const [first] = gang.parts;
    const old = NOW - gang.startedAt > policy.holdBack.longerThan;
    if (!first || !(old || isLong(gang, first.pool, first.members, policy))) continue;
    for (const part of gang.parts) if (part.pool === pool) used += part.members * (part.request[unit] ?? 0);
  }
  return used;
}

/** Too wide for its share of the pool, or for all that long gangs may ever have together; or it has waited too long. */
function exempt(gang: WaitingGang, part: Part, { unit, units }: ReturnType<typeof sizeOf>, holdBack: HoldBack) {
  const width = part.minMembers * (part.request[unit] ?? 0);
  const most = Math.floor(units * (1 - holdBack.share));
  return width > holdBack.exemptShare * units || width > most || NOW - gang.submittedAt > holdBack.exemptWait;
}

describe('room held back', () => {
  it('is never taken by a long gang that is not exempt', () => {
    const holding = policies.filter(
      (policy): policy is Policy & { holdBack: HoldBack } => policy.holdBack !== undefined,
    );
    fc.assert(
      fc.property(busy({ nodes: 6, waiting: 12, parts: 2 }), holding, (elastic, policy) => {
        // Gangs are widened last, and an exempt one as far as it likes.
        const world = { ...elastic, waiting: elastic.waiting.map(rigid) };
        const { starts } = plan(world, NOW, policy);
        for (const { name } of world.pools) {
          const size = sizeOf(world, name);
          const most = Math.floor(size.units * (1 - policy.holdBack.share));
          let used = usedBefore(world, name, size.unit, policy);
          for (const { uid, parts } of starts) {
            const gang = world.waiting.find((g) => g.uid === uid) as WaitingGang;
            // A part that is exempt counts once it runs: not yet beside the other parts of its own gang.
            let free = 0;
            for (const [i, { pool, members }] of parts.entries()) {
              const part = gang.parts[i] as Part;
              const takes = members * (part.request[size.unit] ?? 0);
              if (pool !== name || takes === 0 || !isLong(gang, pool, part.minMembers, policy)) continue;
              if (exempt(gang, part, size, policy.holdBack)) {
                free += takes;
                continue;
              }
              used += takes;
              expect(used).toBeLessThanOrEqual(most);
            }
            used += free;
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
