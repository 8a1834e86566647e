import { describe, expect, it } from 'vitest';
import { etaSummary } from '../../../operator/sim/report/eta.ts';
import { recentWaits } from '../../../operator/sim/report/recentWaits.ts';
import { quantile, sorted } from '../../../operator/sim/report/stats.ts';
import type { JobResult } from '../../../operator/sim/results.ts';
import { jobOf } from './jobs.ts';

const eta = (earliest: number, expected: number, latest?: number) => ({
  at: 0,
  earliest,
  expected,
  ...(latest !== undefined && { latest }),
});

describe('estimates of starts', () => {
  it('are scored as Winkler did: length, and twenty times the miss', () => {
    const jobs = [
      jobOf({ index: 0, start: 100, eta: eta(50, 90, 150) }), // inside, length 100
      jobOf({ index: 1, start: 100, eta: eta(110, 130, 150) }), // 10 s before: 40 + 200
      jobOf({ index: 2, start: 100, eta: eta(0, 40, 95) }), // 5 s after: 95 + 100
      jobOf({ index: 3, start: 0, end: 50 }),
    ];
    const found = etaSummary(jobs);
    expect(found).toMatchObject({ share: 0.75, shareOfWaited: 1, open: 0, medianError: 30 });
    expect(found?.all).toMatchObject({ jobs: 3, inside: 1 / 3, before: 1 / 3, after: 1 / 3, medianError: 30 });
    expect(found?.all?.intervalScore).toBeCloseTo((100 + 240 + 195) / 3, 12);
    expect(found?.all?.meanLength).toBeCloseTo((100 + 40 + 95) / 3, 12);
  });

  it('without an upper bound are counted, not scored', () => {
    const open = etaSummary([jobOf({ eta: eta(50, 90) })]);
    expect(open).toEqual({ share: 1, shareOfWaited: 1, medianError: 10, open: 1 });
  });

  it('of jobs that started at once are kept apart', () => {
    const jobs = [
      jobOf({ index: 0, start: 0, end: 50, eta: eta(0, 0, 10) }),
      jobOf({ index: 1, start: 100, eta: eta(0, 0, 10) }),
    ];
    expect(etaSummary(jobs)).toMatchObject({ all: { jobs: 2, inside: 0.5 }, waited: { jobs: 1, inside: 0 } });
  });

  it('are nothing where none was given', () => {
    expect(etaSummary([jobOf()])).toBeUndefined();
  });
});

/** One job every 10 s, of which the i-th waits i mod 50 s. */
const stream = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const submit = 10 * index;
    const start = submit + (index % 50);
    return jobOf({ index, submit, eligible: submit, start, end: start + 50, eta: eta(submit, start, start + 1) });
  });

const forecasts = (jobs: readonly JobResult[]) =>
  new Map([...recentWaits(jobs, 0.1)].map(({ job, ...forecast }) => [job.index, forecast]));

describe('the forecast from recent waits', () => {
  it('knows the last thousand starts before a submission and nothing else', () => {
    const jobs = stream(1500);
    const asked = jobs[1400];
    const forecast = forecasts(jobs).get(1400);
    const known = jobs.filter(({ start }) => start < (asked?.submit ?? 0)).toSorted((a, b) => a.start - b.start);
    const waits = sorted(known.slice(-1000).map(({ start, submit }) => start - submit));
    expect(forecast?.earliest).toBeCloseTo(14_000 + quantile(waits, 0.05), 9);
    expect(forecast?.expected).toBeCloseTo(14_000 + quantile(waits, 0.5), 9);
    expect(forecast?.latest).toBeCloseTo(14_000 + quantile(waits, 0.95), 9);
  });

  it('does not change when the future does', () => {
    const jobs = stream(400);
    const other = jobs.map((job) =>
      job.index >= 300 ? { ...job, start: job.start + 5000, end: job.end + 5000 } : job,
    );
    const [before, after] = [forecasts(jobs), forecasts(other)];
    for (let index = 0; index <= 300; index++) expect(after.get(index)).toEqual(before.get(index));
    expect(after.get(390)).not.toEqual(before.get(390));
  });

  it('says nothing before it has seen a hundred starts', () => {
    const found = forecasts(stream(300));
    expect(found.get(80)).toBeUndefined();
    expect(found.get(120)).toBeDefined();
  });

  it('is held against the plan on the same jobs', () => {
    const { against } = etaSummary(stream(1000)) ?? {};
    expect(against?.plan.jobs).toBe(against?.recentWaits.jobs);
    expect(against?.plan.intervalScore).toBeLessThan(against?.recentWaits.intervalScore ?? 0);
    expect(against?.recentWaits.inside).toBeGreaterThan(0.85);
  });
});
