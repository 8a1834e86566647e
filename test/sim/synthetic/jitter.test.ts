import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitter } from '../../../operator/sim/synthetic/jitter.ts';
import { synthesize } from '../../../operator/sim/synthetic/synthesize.ts';
import type { Workload } from '../../../operator/sim/workload.ts';

const WORKLOAD = synthesize('jobs=2000,gpu=0.3');

describe('jitter', () => {
  it('moves run times by at most the share, never past the limit, and nothing else', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.double({ min: 0, max: 0.5, noNaN: true }), (seed, share) => {
        const replica = jitter(WORKLOAD, seed, share);
        for (const [index, { run, ...rest }] of replica.jobs.entries()) {
          const { run: before, ...restBefore } = WORKLOAD.jobs[index] as Workload['jobs'][number];
          expect(rest).toEqual(restBefore);
          expect(run > 0 && run <= (rest.limit ?? 0)).toBe(true);
          expect(Math.abs(run - before)).toBeLessThanOrEqual(before * share + 0.001);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('repeats itself by seed, and fills the range evenly', () => {
    expect(jitter(WORKLOAD, 1)).toEqual(jitter(WORKLOAD, 1));
    expect(jitter(WORKLOAD, 1)).not.toEqual(jitter(WORKLOAD, 2));
    const unlimited = {
      ...WORKLOAD,
      jobs: WORKLOAD.jobs.map(({ id, submit, parts }) => ({ id, submit, parts, run: 1000 })),
    };
    const runs = jitter(unlimited, 3).jobs.map(({ run }) => run);
    expect(runs.reduce((sum, run) => sum + run, 0) / runs.length).toBeCloseTo(1000, 0);
    expect(runs.filter((run) => run < 995).length / runs.length).toBeCloseTo(0.25, 1);
    expect(runs.filter((run) => run > 1005).length / runs.length).toBeCloseTo(0.25, 1);
  });

  it('leaves jobs of zero length', () => {
    const workload: Workload = {
      ...WORKLOAD,
      jobs: [{ id: 'a', submit: 0, run: 0, parts: [{ ranks: 1, accelerators: 0 }] }],
    };
    expect(jitter(workload, 1).jobs[0]?.run).toBe(0);
  });
});
