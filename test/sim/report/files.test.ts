import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRun } from '../../../operator/sim/report/read.ts';
import { summary } from '../../../operator/sim/report/summary.ts';
import { writeRun } from '../../../operator/sim/report/write.ts';
import { FCFS, toyRun, toyWorkload } from './toySchedule.ts';

const machine = { nodes: 4, unitsPerNode: 8 };
const run = () => toyRun(toyWorkload(150, 9, machine), machine, FCFS);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coxswain-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (name: string) =>
  Object.fromEntries(
    readdirSync(join(folder, name)).map((file) => [file, readFileSync(join(folder, name, file), 'utf8')]),
  );

describe('the folder of a run', () => {
  it('holds the same bytes for the same result, wall time apart', async () => {
    const result = run();
    await writeRun(join(folder, 'a'), result, summary(result));
    const again = { ...run(), planMillis: { count: 3, p50: 7, p99: 8, max: 9 } };
    await writeRun(join(folder, 'b'), again, summary(again));
    const { 'timing.json': timing, ...rest } = bytes('a');
    const { 'timing.json': other, ...same } = bytes('b');
    expect(Object.keys(rest)).toEqual(['jobs.jsonl', 'never.jsonl', 'report.html', 'series.jsonl', 'summary.json']);
    expect(same).toEqual(rest);
    expect(timing).not.toBe(other);
    expect(JSON.parse(other ?? '')).toEqual({ planMillis: again.planMillis });
  });

  it('is read back as it was written', async () => {
    const result = run();
    const found = await readRun(join(folder, 'a'));
    expect(found.name).toBe('a');
    expect(found.jobs).toEqual(result.jobs);
    expect(found.summary).toEqual(summary(result));
  });

  it('has one row of each job, with wait and slowdown for other tools', () => {
    const rows = (bytes('a')['jobs.jsonl'] ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
    expect(rows).toHaveLength(150);
    for (const { submit = 0, start = 0, run = 0, wait, bsld } of rows) {
      expect(wait).toBe(start - submit);
      expect(bsld).toBeCloseTo(Math.max(1, (start - submit + run) / Math.max(10, run)), 12);
    }
  });

  it('keeps jobs that never start, and points of the series', async () => {
    const never = [{ id: 'wide', reason: 'ExceedsPool', message: 'too wide' }];
    const result = { ...run(), never };
    await writeRun(join(folder, 'never'), result, summary(result));
    expect(bytes('never')['never.jsonl']).toBe(`${JSON.stringify(never[0])}\n`);
    expect((bytes('never')['series.jsonl'] ?? '').trimEnd().split('\n')).toHaveLength(result.series.length);
  });

  it('carries infinite scores and settings, which JSON does not know', async () => {
    const base = run();
    const jobs = base.jobs.map((job, i) => (i === 0 ? { ...job, orderKey: Number.NEGATIVE_INFINITY } : job));
    const result = { ...base, jobs, setup: { reservations: Number.POSITIVE_INFINITY } };
    await writeRun(join(folder, 'infinite'), result, summary(result));
    const found = await readRun(join(folder, 'infinite'));
    expect(found.jobs[0]?.orderKey).toBe(Number.NEGATIVE_INFINITY);
    expect(found.summary.setup).toEqual({ reservations: 'Infinity' });
  });
});

describe('a folder that is not sound', () => {
  /** A copy with one file replaced, or left out. */
  const spoilt = async (file: string, change: (text: string) => string | undefined) => {
    const result = run();
    const path = mkdtempSync(join(folder, 'spoilt-'));
    await writeRun(path, result, summary(result));
    const text = change(readFileSync(join(path, file), 'utf8'));
    if (text === undefined) rmSync(join(path, file));
    else writeFileSync(join(path, file), text);
    const error: unknown = await readRun(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'ReportError',
      message: expect.stringMatching(/write the run again|give another/),
    });
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    return message.replace(path, 'run');
  };

  it.each([
    ['a missing summary', 'summary.json', () => undefined, /run\/summary\.json: there is no such file/],
    ['missing jobs', 'jobs.jsonl', () => undefined, /run\/jobs\.jsonl: there is no such file/],
    [
      'a summary of another version',
      'summary.json',
      (t: string) => t.replace('"format": 1', '"format": 99'),
      /format is 99, this version reads 1/,
    ],
    ['a summary that is none', 'summary.json', () => 'null', /format is undefined/],
    [
      'a share above one',
      'summary.json',
      (t: string) => t.replace(/"backfillShare": [\d.]+/, '"backfillShare": 7'),
      /summary\.json: starts\.backfillShare: /,
    ],
    ['a file cut off', 'jobs.jsonl', (t: string) => t.slice(0, -40), /jobs\.jsonl line 150: not JSON, perhaps cut off/],
    [
      'a file cut off at a line',
      'jobs.jsonl',
      (t: string) => t.slice(0, t.trimEnd().lastIndexOf('\n')),
      /holds 149 jobs, summary\.json speaks of 150/,
    ],
    [
      'a time that is text',
      'jobs.jsonl',
      (t: string) => t.replace(/"start":\d+/, '"start":"noon"'),
      /jobs\.jsonl line 1: start: .*number/,
    ],
    ['a job without an id', 'jobs.jsonl', (t: string) => t.replace('"id":"job-3",', ''), /jobs\.jsonl line 4: id: /],
  ])('%s is told in one line', async (_, file, change, expected) => {
    expect(await spoilt(file, change)).toMatch(expected);
  });

  it('a path that is no folder is told in one line', async () => {
    await expect(readRun(join(folder, 'a', 'summary.json'))).rejects.toThrow(/cannot be read \(ENOTDIR\)/);
  });
});
