import { describe, expect, it } from 'vitest';
import { compare } from '../../../operator/sim/report/compare.ts';
import { compareText } from '../../../operator/sim/report/compareText.ts';
import { boundedSlowdown } from '../../../operator/sim/report/metrics.ts';
import { mean } from '../../../operator/sim/report/stats.ts';
import { jobOf } from './jobs.ts';
import { FCFS, SJF, toyRun, toyWorkload } from './toySchedule.ts';

const machine = { nodes: 6, unitsPerNode: 8 };
const workload = toyWorkload(1200, 21, machine, 0.95);
const named = (name: string, jobs = toyRun(workload, machine, name === 'SJF' ? SJF : FCFS).jobs) => ({ name, jobs });
const [easy, sjf] = [named('EASY'), named('SJF')];
const metric = (comparison: ReturnType<typeof compare>, name: string) =>
  comparison.metrics.find((found) => found.metric === name);

describe('comparing two runs', () => {
  it('finds the shorter slowdowns of the shortest first, with an interval', () => {
    const found = compare(easy, sjf);
    const bsld = metric(found, 'bsld');
    expect(found).toMatchObject({ jobs: 1200, onlyFirst: 0, onlySecond: 0, window: 34 });
    expect(bsld?.first).toBeCloseTo(mean(easy.jobs.map(boundedSlowdown)), 9);
    expect(bsld?.difference).toBeCloseTo((bsld?.second ?? 0) - (bsld?.first ?? 0), 9);
    expect(bsld).toMatchObject({ verdict: 'better', blocks: 36 });
    expect(metric(compare(sjf, easy), 'bsld')?.verdict).toBe('worse');
  });

  it('shows no difference of a run from itself', () => {
    for (const { difference, verdict } of compare(easy, { ...easy, name: 'again' }).metrics) {
      expect({ difference, verdict }).toEqual({ difference: 0, verdict: 'no difference shown' });
    }
  });

  it('pairs by id whatever the order, leaves out and counts the rest', () => {
    const first = { name: 'first', jobs: easy.jobs.slice(0, 900) };
    const second = { name: 'second', jobs: sjf.jobs.slice(300).toReversed() };
    const found = compare(first, second, { window: 10 });
    expect(found).toMatchObject({ jobs: 600, onlyFirst: 300, onlySecond: 300 });
    const pairs = easy.jobs.slice(300, 900).map(boundedSlowdown);
    expect(metric(found, 'bsld')?.first).toBeCloseTo(mean(pairs), 9);
    expect(compareText(found, ['first', 'second'])).toContain('(left out: 300 only in first, 300 only in second)');
  });

  it('says where paired jobs are not the same', () => {
    const jittered = easy.jobs.map((job, i) => (i < 7 ? { ...job, run: job.run + 1 } : job));
    const found = compare(easy, { name: 'jittered', jobs: jittered });
    expect(found.unlike).toEqual({ submit: 0, run: 7, width: 0 });
    expect(compareText(found, ['a', 'b'])).toContain('note: paired jobs differ: 7 in run');
  });

  it('is wider by windows than by jobs, and warns of the narrow one', () => {
    const width = (window: number) => {
      const { low, high } = metric(compare(easy, sjf, { window }), 'wait') ?? { low: 0, high: 0 };
      return high - low;
    };
    expect(width(60)).toBeGreaterThan(width(1));
    expect(compareText(compare(easy, sjf, { window: 1 }), ['a', 'b'])).toContain('their interval is too narrow');
    expect(compareText(compare(easy, sjf, { window: 60 }), ['a', 'b'])).toContain(
      'in 20 windows of 60 consecutive jobs',
    );
  });

  it('claims nothing from a handful of jobs', () => {
    const few = (start: number) => Array.from({ length: 5 }, (_, index) => jobOf({ index, start: start + index }));
    const found = compare({ name: 'a', jobs: few(100) }, { name: 'b', jobs: few(10) });
    expect(found.metrics.map(({ verdict }) => verdict)).toEqual(Array(3).fill('no difference shown'));
    expect(compareText(found, ['a', 'b'])).toContain('no claim is made from 5 windows; it takes 10');
  });

  it('is the same for the same seed, and survives JSON', () => {
    const found = compare(easy, sjf, { seed: 5 });
    expect(compare(easy, sjf, { seed: 5 })).toEqual(found);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('prints means, differences, intervals and verdicts in line', () => {
    const lines = compareText(compare(easy, sjf), ['EASY', 'SJF']).trimEnd().split('\n');
    expect(lines.slice(-4).map((line) => line.trimEnd().length)).toEqual(Array(4).fill(lines.at(-4)?.length));
    expect(lines.at(-4)).toMatch(/^mean +EASY +SJF +difference +of the first +95 % interval +the second is$/);
    expect(lines.at(-2)).toMatch(/^bsld .*better$/);
  });
});

describe('what cannot be compared', () => {
  it('are runs without a job in common', () => {
    const other = { name: 'other', jobs: [jobOf({ id: 'x' })] };
    const message =
      'the runs have no job in common (EASY holds e.g. job-0, other holds e.g. x): compare runs of the same trace';
    expect(() => compare(easy, other)).toThrow(message);
    expect(() => compare(easy, { name: 'empty', jobs: [] })).toThrow('empty holds no job');
  });

  it('are runs that hold an id twice', () => {
    const twice = { name: 'twice', jobs: [jobOf({ id: 'x' }), jobOf({ id: 'x', index: 1 })] };
    expect(() => compare(twice, twice)).toThrow('twice holds job x twice: jobs are paired by their id');
    expect(() => compare({ name: 'once', jobs: [jobOf({ id: 'x' })] }, twice)).toThrow('twice holds job x twice');
  });

  it.each([0, -1, 1.5, 1201, Number.NaN])('is a window of %d', (window) => {
    expect(() => compare(easy, sjf, { window })).toThrow(
      `window is ${window}: give a whole number of jobs from 1 to the 1200`,
    );
  });
});
