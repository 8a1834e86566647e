/** Gangs that come up at once and meet no mishap live as the engine has them without a life of their own. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MIXED, play, policies, workloads } from './workloads.ts';

it('starts and ends every job when and where the fast path does', () => {
  fc.assert(
    fc.property(workloads, policies, (jobs, policy) => {
      const given = { jobs, nodes: MIXED, policy };
      const fast = play(given);
      const lived = play({ ...given, life: { startSeconds: 0 } });
      expect(lived.broken).toEqual([]);
      expect(lived.never).toEqual(fast.never);
      expect(lived.jobs.map(({ life: _life, ...rest }) => rest)).toEqual(fast.jobs);
      expect(lived.jobs.map(({ life }) => life?.state)).toEqual(fast.jobs.map(() => 'Succeeded'));
    }),
    { numRuns: 60 },
  );
});
