import { describe, expect, it } from 'vitest';
import { barsOf, mostVisible } from '../../../../operator/sim/report/page/bars.ts';
import { pageData } from '../../../../operator/sim/report/page/data.ts';
import type { RunResult } from '../../../../operator/sim/results.ts';
import { jobOf } from '../jobs.ts';
import { FCFS, toyRun, toyWorkload } from '../toySchedule.ts';

const machine = { nodes: 4, unitsPerNode: 8 };
const run = toyRun(toyWorkload(400, 3, machine), machine, FCFS);
const limits = { jobs: 1000, bars: 10_000, points: 10_000 };

describe('bars', () => {
  it('cover as many lanes as their job is wide, at every moment at most the machine', () => {
    const { nodes, bars } = barsOf(run);
    expect(nodes.map(({ lane, lanes }) => [lane, lanes])).toEqual([
      [0, 8],
      [8, 8],
      [16, 8],
      [24, 8],
    ]);
    for (const [i, { width, run: length }] of run.jobs.entries()) {
      const height = bars.filter(({ job }) => job === i).reduce((sum, bar) => sum + bar.height, 0);
      expect(height).toBe(length > 0 ? width : 0);
    }
  });

  it('join over nodes that a gang fills', () => {
    const placements = ['a', 'b', 'c'].map((node) => ({ node, members: 2 }));
    const job = jobOf({ width: 24, placements });
    const { bars } = barsOf({ pools: [{ pool: 'p', nodes: ['a', 'b', 'c'], units: 24 }], jobs: [job] });
    expect(bars).toEqual([{ job: 0, lane: 0, height: 24 }]);
  });

  it('draw a node of two pools once', () => {
    const pools = [
      { pool: 'p', nodes: ['a', 'b'], units: 4 },
      { pool: 'q', nodes: ['b', 'c'], units: 8 },
    ];
    const { nodes } = barsOf({ pools, jobs: [] });
    expect(nodes.map(({ node, pool, lanes }) => [node, pool, lanes])).toEqual([
      ['a', 0, 2],
      ['b', 0, 2],
      ['c', 1, 4],
    ]);
  });

  it('are left out smallest first, and the share that is drawn is told', () => {
    const sizes = [10, 40, 20, 30];
    const jobs = sizes.map((run, index) => jobOf({ index, start: 0, end: run, run }));
    const bars = sizes.map((_, job) => ({ job, lane: job, height: 1 }));
    expect(mostVisible(jobs, bars, { jobs: 4, bars: 4 })).toEqual({ jobs: [0, 1, 2, 3], bars, share: 1 });
    const two = mostVisible(jobs, bars, { jobs: 2, bars: 100 });
    expect(two).toEqual({ jobs: [1, 3], bars: [bars[1], bars[3]], share: 0.7 });
    expect(mostVisible(jobs, bars, { jobs: 4, bars: 3 }).jobs).toEqual([1, 2, 3]);
  });
});

describe('the data of the page', () => {
  it('holds every job, times from the first submission on, and says nothing of leaving out', () => {
    const { data, notes } = pageData(run, limits) ?? expect.fail('no data');
    expect(notes).toEqual([]);
    expect(data.jobs.id).toEqual(run.jobs.map(({ id }) => id));
    const origin = run.jobs[0]?.submit ?? 0;
    expect(origin).toBeGreaterThan(0);
    expect(data.jobs.start).toEqual(run.jobs.map(({ start }) => start - origin));
    expect(data.span).toBe(Math.max(...run.jobs.map(({ end }) => end)) - origin);
    expect(data.jobs.firstPromise.filter((at) => at !== null).length).toBeGreaterThan(0);
    for (const { labels, of } of data.colourings) {
      expect(of).toHaveLength(400);
      expect(of.every((place) => place >= 0 && place < labels.length)).toBe(true);
    }
    expect(data.colourings.map(({ name }) => name)).toEqual(['width', 'wait', 'run time', 'start', 'queue']);
  });

  it('says what it left out and what it put together', () => {
    const { data, notes } = pageData(run, { jobs: 100, bars: 10_000, points: 50 }) ?? expect.fail('no data');
    expect(data.jobs.id).toHaveLength(100);
    expect(Math.max(...data.bars.job)).toBe(99);
    expect(data.views[0]?.curve.at.length).toBeLessThanOrEqual(51);
    expect(notes[0]).toMatch(
      /shows 100 of 400 jobs.*: \d\d\.\d % of all work.*Every figure on this page is of all jobs/,
    );
    expect(notes[1]).toMatch(new RegExp(`at most 50 in all, of ${run.series.length.toLocaleString('en')} points`));
  });

  it('adds up the pools where there are several', () => {
    const pools = [
      { pool: 'a', nodes: ['a0'], units: 4 },
      { pool: 'b', nodes: ['b0', 'b1'], units: 12 },
    ];
    const point = (at: number, pool: string, used: number, free: number, fragmentation: number) => ({
      at,
      pool,
      used,
      free,
      waiting: 1,
      running: 0,
      reserved: 0,
      fragmentation,
    });
    const series = [point(0, 'a', 1, 3, 1), point(0, 'b', 6, 6, 0), point(50, 'a', 4, 0, 0)];
    const jobs = [jobOf({ start: 30, end: 80, placements: [{ node: 'a0', members: 1 }] })];
    const result: RunResult = { ...run, pools, series, jobs };
    const { data } = pageData(result, limits) ?? expect.fail('no data');
    const [all, a, b] = data.views;
    expect([all, a, b].map((view) => [view?.name, view?.from, view?.to])).toEqual([
      ['all pools', 0, 3],
      ['a', 0, 1],
      ['b', 1, 3],
    ]);
    expect(all?.curve.at).toEqual([0, 50]);
    expect(all?.curve.used).toEqual([7 / 16, 10 / 16].map((x) => Math.round(x * 1e4) / 1e4));
    expect(all?.curve.fragmentation).toEqual([0.3333, 0]);
    expect(all?.curve.waiting).toEqual([1, 0]);
    expect(b?.curve.used).toEqual([0.5]);
  });

  it('is nothing where no job ended', () => {
    expect(pageData({ ...run, jobs: [] })).toBeUndefined();
  });
});
