import { describe, expect, it } from 'vitest';
import { lifeSummary } from '../../../operator/sim/report/lives.ts';
import { jobSchema } from '../../../operator/sim/report/schema.ts';
import { jobOf } from './jobs.ts';

const good = { state: 'Succeeded', reason: 'Completed', attempts: 1, ran: 50, firstStart: 100, lost: 0 } as const;

describe('what became of gangs', () => {
  it('is nothing where lives were not simulated', () => {
    expect(lifeSummary([jobOf()])).toBeUndefined();
  });

  it('counts ends by reason, attempts, and the share of work that was lost', () => {
    const jobs = [
      jobOf({ index: 0, life: good }),
      jobOf({ index: 1, width: 2, life: { ...good, attempts: 3, lost: 30 } }),
      jobOf({ index: 2, life: { ...good, state: 'Failed', reason: 'NodeLost', attempts: 2, lost: 70 } }),
      jobOf({ index: 3, life: { ...good, state: 'Failed', reason: 'TimeLimitExceeded', lost: 50 } }),
      jobOf({ index: 4, life: { ...good, state: 'Failed', reason: 'TimeLimitExceeded', lost: 0 } }),
    ];
    expect(lifeSummary(jobs)).toEqual({
      succeeded: 2,
      failed: 3,
      reasons: [
        { reason: 'TimeLimitExceeded', jobs: 2 },
        { reason: 'NodeLost', jobs: 1 },
      ],
      retried: 2,
      attempts: 8,
      lost: 150,
      // 50 s on one unit and 50 s on two ended well.
      lostShare: 0.5,
    });
  });

  it('survives being written and read', () => {
    const job = jobOf({ life: good });
    expect(jobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
  });
});
