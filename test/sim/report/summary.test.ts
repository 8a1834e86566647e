import { describe, expect, it } from 'vitest';
import { area, boundedSlowdown, wait } from '../../../operator/sim/report/metrics.ts';
import { summarySchema } from '../../../operator/sim/report/schema.ts';
import { summary } from '../../../operator/sim/report/summary.ts';
import type { JobResult, RunResult } from '../../../operator/sim/results.ts';
import { jobOf } from './jobs.ts';
import { FCFS, toyRun, toyWorkload } from './toySchedule.ts';

const machine = { nodes: 8, unitsPerNode: 8 };
const run = toyRun(toyWorkload(600, 11, machine), machine, FCFS);
const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('a summary', () => {
  const found = summary(run);

  it('has the shape that it is read back by', () => {
    expect(summarySchema.parse(structuredClone(found))).toEqual(found);
  });

  it('counts every job once in every grouping', () => {
    for (const groups of [found.byWidth, found.byLength, found.byQueue]) {
      expect(total(groups.map(({ jobs }) => jobs))).toBe(600);
      expect(total(groups.map(({ share }) => share))).toBeCloseTo(1, 9);
    }
    expect(total(found.users.worst.map(({ jobs }) => jobs)) + found.users.unnamed).toBe(600);
    expect(found.starts.head + found.starts.backfill).toBe(600);
    expect(found.starts.backfillShare).toBeGreaterThan(0.1);
  });

  it('averages waits and slowdowns over all jobs and over the last four fifths', () => {
    const last = run.jobs.slice(120);
    expect(found.last80?.jobs).toBe(480);
    for (const [population, jobs] of [
      [found.all, run.jobs],
      [found.last80, last],
    ] as const) {
      expect(population?.wait.mean).toBeCloseTo(total(jobs.map(wait)) / jobs.length, 6);
      expect(population?.bsld.mean).toBeCloseTo(total(jobs.map(boundedSlowdown)) / jobs.length, 6);
      expect(population?.wait.max).toBe(Math.max(...jobs.map(wait)));
      expect(population?.jct.mean).toBeCloseTo(total(jobs.map((job) => job.end - job.submit)) / jobs.length, 6);
    }
    expect(found.all?.wait.max).toBeGreaterThan(0);
  });

  it('knows load, makespan and use of the machine', () => {
    const [first, last] = [run.jobs[0]?.submit ?? 0, run.jobs.at(-1)?.submit ?? 0];
    const end = Math.max(...run.jobs.map((job) => job.end));
    const work = total(run.jobs.map(area));
    expect(found.makespan).toBe(end - first);
    expect(found.utilisation).toBeCloseTo(work / (64 * (end - first)), 12);
    expect(found.offeredLoad).toBeCloseTo(work / (64 * (last - first)), 12);
  });

  it('finds the same use in the series', () => {
    expect(found.pools).toMatchObject([{ pool: 'main', nodes: 8, units: 64 }]);
    expect(found.pools[0]?.overTime?.used).toBeCloseTo(found.utilisation ?? 0, 9);
    const waiting = total(run.jobs.map(wait)) / (found.makespan ?? 1);
    expect(found.pools[0]?.overTime?.waiting).toBeCloseTo(waiting, 9);
  });

  it('accounts for every second waited by a reason', () => {
    expect(total(found.reasons.map(({ seconds }) => seconds))).toBeCloseTo(total(run.jobs.map(wait)), 6);
    expect(total(found.reasons.map(({ share }) => share))).toBeCloseTo(1, 9);
    expect(found.reasons.map(({ reason }) => reason)).toEqual(['WaitingForEarlierJobs', 'WaitingForRoom']);
  });

  it('tells of estimates, predictions and promises', () => {
    expect(found.eta?.all?.jobs).toBe(588);
    expect(found.predictions?.submit.jobs).toBe(600);
    expect(found.promises?.jobs).toBeGreaterThan(0);
  });

  it('does not depend on the clock of the planner, and changes nothing', () => {
    const frozen = freeze(structuredClone(run));
    expect(summary({ ...frozen, planMillis: { count: 1, p50: 9, p99: 9, max: 9 } })).toEqual(found);
  });
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

const bare = (jobs: readonly JobResult[], changes: Partial<RunResult> = {}): RunResult => ({
  setup: {},
  pools: [{ pool: 'main', nodes: ['node-0'], units: 4 }],
  jobs,
  never: [],
  series: [],
  broken: [],
  planMillis: { count: 0, p50: 0, p99: 0, max: 0 },
  ...changes,
});

describe('a summary of little', () => {
  it('leaves out what nothing is known of', () => {
    const found = summary(bare([]));
    expect(Object.keys(found).toSorted()).toEqual([
      'broken',
      'byLength',
      'byQueue',
      'byWidth',
      'format',
      'jobs',
      'never',
      'pools',
      'reasons',
      'setup',
      'starts',
      'users',
    ]);
    expect(found).toMatchObject({
      jobs: 0,
      starts: { head: 0, backfill: 0 },
      users: { users: 0, unnamed: 0, worst: [] },
    });
    expect(summarySchema.parse(found)).toEqual(found);
  });

  it('of one job has no offered load', () => {
    const found = summary(bare([jobOf()]));
    expect(found.offeredLoad).toBeUndefined();
    expect(found.utilisation).toBeCloseTo(50 / (4 * 150), 12);
    expect(summarySchema.parse(found)).toEqual(found);
  });

  it('counts jobs that never start by reason, with an example in the words of the plan', () => {
    const never = ['a', 'b', 'c'].map((id) => ({
      id,
      reason: id === 'c' ? 'ExceedsQuota' : 'ExceedsPool',
      message: `${id} is too wide`,
    }));
    expect(summary(bare([], { never })).never).toEqual({
      jobs: 3,
      reasons: [
        { reason: 'ExceedsPool', jobs: 2, example: 'a', message: 'a is too wide' },
        { reason: 'ExceedsQuota', jobs: 1, example: 'c', message: 'c is too wide' },
      ],
    });
  });

  it('counts jobs that never start when it leaves out the first fifth', () => {
    const jobs = Array.from({ length: 8 }, (_, i) => jobOf({ index: i + 2 }));
    const never = ['x', 'y'].map((id) => ({ id, reason: 'ExceedsPool', message: '' }));
    expect(summary(bare(jobs, { never })).last80?.jobs).toBe(8);
  });

  it('is fair to users by the mean of each, not by their jobs', () => {
    const slow = (user: string, index: number, bsld: number) =>
      jobOf({ user, index, run: 100, start: 100 * (bsld - 1) });
    const found = summary(bare([slow('a', 0, 2), slow('a', 1, 4), slow('b', 2, 3), jobOf({ index: 3 })]));
    expect(found.users).toMatchObject({ users: 2, unnamed: 1, jainBsld: 1 });
  });
});
