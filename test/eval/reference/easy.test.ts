import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { easy } from './easy.ts';
import type { ReferenceJob } from './job.ts';
import { fcfs, saf, sjf } from './scores.ts';
import { tuned } from './tuned.ts';

type Brief = Pick<ReferenceJob, 'submit' | 'run' | 'width'> & { readonly limit?: number };

const jobs = (list: readonly Brief[]): readonly ReferenceJob[] =>
  list
    .toSorted((a, b) => a.submit - b.submit)
    .map(({ submit, run, width, limit = run }, index) => {
      return { id: `j${index}`, index, submit, run, width, limit, estimate: limit };
    });

const starts = (begun: readonly { readonly job: ReferenceJob; readonly start: number }[]) =>
  Object.fromEntries(begun.map(({ job, start }) => [job.id, start]));

const EASY = { order: fcfs, candidates: fcfs };

describe('EASY', () => {
  it('starts nothing behind the head without backfill', () => {
    const list = jobs([
      { submit: 0, run: 100, width: 6 },
      { submit: 1, run: 10, width: 8 },
      { submit: 2, run: 10, width: 2 },
    ]);
    expect(starts(easy(list, 10, { order: fcfs }))).toEqual({ j0: 0, j1: 100, j2: 100 });
  });

  it('backfills what ends by the shadow time, and beyond it what the head leaves', () => {
    const list = jobs([
      { submit: 0, run: 100, width: 6 },
      { submit: 1, run: 10, width: 8 },
      { submit: 2, run: 98, width: 2 },
      { submit: 2, run: 500, width: 2 },
      { submit: 3, run: 500, width: 1 },
    ]);
    // The last two find the extra of two spent after the first of them.
    expect(starts(easy(list, 10, EASY))).toEqual({ j0: 0, j1: 100, j2: 2, j3: 2, j4: 110 });
  });

  it('counts as extra only what the release that frees the head leaves, not others of that second', () => {
    const list = jobs([
      { submit: 0, run: 50, width: 4, limit: 100 },
      { submit: 0, run: 50, width: 5, limit: 100 },
      { submit: 1, run: 10, width: 5 },
      { submit: 2, run: 200, width: 1 },
    ]);
    // After the release of 4 at 100 the head has its 5 and nothing is left; with the other 5 there would be.
    expect(starts(easy(list, 10, EASY))).toEqual({ j0: 0, j1: 0, j2: 50, j3: 50 });
  });

  it('refuses a job that is wider than the machine', () => {
    expect(() =>
      easy(
        jobs([
          { submit: 0, run: 1, width: 11 },
          { submit: 0, run: 1, width: 1 },
        ]),
        10,
        EASY,
      ),
    ).toThrow('can never start');
  });

  const workload = fc.array(
    fc.record({
      submit: fc.integer({ min: 0, max: 200 }),
      run: fc.integer({ min: 1, max: 60 }),
      width: fc.integer({ min: 1, max: 10 }),
      slack: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('is the profile with one reservation, start by start', () => {
    const orders = [
      ['fcfs', fcfs],
      ['sjf', sjf],
      ['saf', saf],
    ] as const;
    fc.assert(
      fc.property(workload, fc.constantFrom(...orders), (list, [name, order]) => {
        // Limits that are multiples of 20 s give many ends of one second.
        const some = jobs(list.map((job) => ({ ...job, limit: 20 * Math.ceil(job.run / 20) + 20 * job.slack })));
        const plain = starts(easy(some, 10, { order, candidates: order }));
        expect(starts(tuned(some, 10, { score: { name }, reservations: 1 }))).toEqual(plain);
      }),
    );
  });

  it('starts each job once, not before it came, and never exceeds the machine', () => {
    fc.assert(
      fc.property(workload, fc.integer({ min: 1, max: 5 }), (list, reservations) => {
        const some = jobs(list);
        const holdBack = { share: 0.2, longerThan: 30, exemptShare: 0.6, exemptWait: 100 };
        const promote = { afterSeconds: 80, atOnce: 2 };
        const begun = tuned(some, 10, { score: { name: 'saf' }, reservations, holdBack, promote });
        expect(begun.map(({ job }) => job.index).sort((a, b) => a - b)).toEqual(some.map(({ index }) => index));
        for (const { job, start } of begun) {
          expect(start).toBeGreaterThanOrEqual(job.submit);
          const beside = begun.filter((one) => one.start <= start && start < one.start + one.job.run);
          expect(beside.reduce((sum, one) => sum + one.job.width, 0)).toBeLessThanOrEqual(10);
        }
      }),
    );
  });
});
