/** Whatever befalls nodes and programs, the invariants hold and every job comes to an end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Life } from '../../../operator/sim/life/terms.ts';
import { MIXED, play, policies, workloads } from './workloads.ts';

const NODES = ['cpu-0', 'cpu-1', 'cpu-2', 'cpu-3', 'gpu-0', 'gpu-1', 'gpu-2'];

const lives: fc.Arbitrary<Life> = fc.record(
  {
    startSeconds: fc.constantFrom(0, 1, 30, 90),
    restarts: fc.integer({ min: 0, max: 2 }),
    infrastructureRetries: fc.integer({ min: 0, max: 3 }),
    failures: fc.array(
      fc
        .record({ node: fc.constantFrom(...NODES), from: fc.nat(6000), lasts: fc.integer({ min: 1, max: 4000 }) })
        .map(({ node, from, lasts }) => ({ node, from, until: from + lasts })),
      { maxLength: 12 },
    ),
    crashes: fc.array(fc.record({ job: fc.constant('j0'), after: fc.nat(1500) }), { maxLength: 3 }),
  },
  { requiredKeys: ['startSeconds'] },
);

/** Run times that are no whole milliseconds, which statuses do not know; walltimes that are met to the last digit. */
const stretch = fc.constantFrom(1, 1.0033701, 0.3333333);

describe('a run with mishaps', () => {
  it('breaks no invariant, ends every job exactly once, and counts what was lost', () => {
    fc.assert(
      fc.property(fc.tuple(workloads, stretch), policies, lives, ([whole, factor], policy, life) => {
        const jobs = whole.map((each) => ({
          ...each,
          run: each.run * factor,
          limit: (each.limit ?? each.run) * factor,
        }));
        const result = play({ jobs, nodes: MIXED, policy, life });
        expect(result.broken).toEqual([]);
        const told = [...result.jobs, ...result.never].map(({ id }) => id);
        expect(told.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
        for (const each of result.jobs) {
          const lived = each.life;
          expect(lived).toBeDefined();
          if (!lived) continue;
          const retries = (life.restarts ?? 0) + (life.infrastructureRetries ?? 10);
          expect(lived.attempts).toBeLessThanOrEqual(1 + retries);
          if (lived.attempts === 1 && lived.state === 'Succeeded') expect(lived.lost).toBe(0);
          expect(lived.firstStart).toBeLessThanOrEqual(each.start);
          if (lived.attempts === 1) expect(lived.firstStart).toBe(each.start);
          if (lived.state === 'Succeeded') expect(each.end - each.start).toBeCloseTo(life.startSeconds + each.run, 2);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('gives the same bytes twice', () => {
    fc.assert(
      fc.property(workloads, lives, (jobs, life) => {
        const given = { jobs, nodes: MIXED, life };
        expect(JSON.stringify(play(given))).toBe(JSON.stringify(play(given)));
      }),
      { numRuns: 15 },
    );
  });
});
