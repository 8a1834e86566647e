/** Whatever the world says, a plan comes of it: bad input is for those who read it to refuse, not for the planner to die of. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prediction, Snapshot } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { policies } from './policies.ts';
import { NOW, worlds } from './worlds.ts';

const coupled = worlds({ nodes: 6, waiting: 14, parts: 3 });

const nothing: Prediction = { q10: 0, q50: 0, q75: 0, q90: 0, z: 0 };

/** Ways in which a world may be out of joint. */
const oddities: readonly ((world: Snapshot) => Snapshot)[] = [
  (world) => ({ ...world, nodes: [] }),
  (world) => ({ ...world, pools: [] }),
  (world) => ({ ...world, queues: [] }),
  (world) => ({ ...world, nodes: world.nodes.slice(1) }),
  (world) => ({
    ...world,
    pools: world.pools.map((pool) => ({ ...pool, selector: { matchLabels: { is: 'absent' } } })),
  }),
  (world) => ({ ...world, nodes: world.nodes.map((node) => ({ ...node, allocatable: {} })) }),
  (world) => ({ ...world, nodes: world.nodes.map((node) => ({ ...node, labels: {} })) }),
  (world) => ({ ...world, queues: world.queues.map((queue) => ({ ...queue, pools: {} })) }),
  (world) => ({ ...world, waiting: world.waiting.map((gang) => ({ ...gang, time: 0, submittedAt: 0 })) }),
  (world) => ({ ...world, waiting: world.waiting.map((gang) => ({ ...gang, submittedAt: NOW + 1e6 })) }),
  (world) => ({ ...world, waiting: world.waiting.map((gang) => ({ ...gang, predictions: [nothing] })) }),
  (world) => ({
    ...world,
    waiting: world.waiting.map((gang) => ({
      ...gang,
      parts: gang.parts.map((part) => ({ ...part, request: { 'example.com/qpu': 1 } })),
    })),
  }),
  (world) => ({ ...world, charged: world.charged.map((gang) => ({ ...gang, time: 0, startedAt: NOW + 50 })) }),
  (world) => ({ ...world, charged: world.charged.map((gang) => ({ ...gang, predictions: [nothing], startedAt: 0 })) }),
  (world) => ({ ...world, maintenance: world.maintenance.map((m) => ({ ...m, from: m.until, until: m.from })) }),
];

describe('a plan', () => {
  it('is made of every world, at any time', () => {
    const worldAndMore = fc.tuple(coupled, fc.subarray([...oddities], { maxLength: 3 }), policies);
    fc.assert(
      fc.property(worldAndMore, fc.constantFrom(0, 1, NOW, NOW + 1e9), ([world, odd, policy], now) => {
        const made = plan(
          odd.reduce((changed, change) => change(changed), world),
          now,
          policy,
        );
        expect(made.starts.length + made.waits.length).toBe(world.waiting.length);
        expect(JSON.stringify(made)).not.toMatch(/null|NaN|undefined/);
      }),
      { numRuns: 400 * 5 },
    );
  });
});
