import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summary } from '../../../operator/sim/report/summary.ts';
import { summaryText } from '../../../operator/sim/report/summaryText.ts';
import {
  clean,
  decimal,
  duration,
  fixed,
  percent,
  settingText,
  shortened,
  table,
} from '../../../operator/sim/report/text.ts';
import { FCFS, toyRun, toyWorkload } from './toySchedule.ts';

describe('numbers in words', () => {
  it('spans of time have two units at most', () => {
    const spans = [0, 0.44, 9.96, 42.4, 59.6, 60, 61, 3599.6, 3600, 6900, 86_399, 90_000, 262_194, -75];
    expect(spans.map(duration)).toEqual([
      '0 s',
      '0.4 s',
      '10 s',
      '42 s',
      '1 min',
      '1 min',
      '1 min 1 s',
      '1 h',
      '1 h',
      '1 h 55 min',
      '1 d',
      '1 d 1 h',
      '3 d 1 h',
      '−1 min 15 s',
    ]);
  });

  it('never say sixty of a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (seconds) => {
        expect(duration(seconds)).not.toMatch(/\b(60 (s|min)|24 h)\b/);
      }),
    );
  });

  it('numbers are grouped, and zero has no sign', () => {
    expect([decimal(28_467), decimal(1234.5, 2), decimal(-0.001, 1), decimal(0.25, 1)]).toEqual([
      '28,467',
      '1,234.5',
      '0',
      '0.3',
    ]);
    expect([fixed(-1234.5, 2), fixed(0, 1), fixed(-0.04, 1)]).toEqual(['−1,234.50', '0.0', '0.0']);
    expect([percent(0.5), percent(0), percent(0.0001), percent(-0.02)]).toEqual([
      '50.0 %',
      '0.0 %',
      '< 0.1 %',
      '−2.0 %',
    ]);
  });

  it('a table lines up', () => {
    const lines = table([
      ['', 'a', 'bb'],
      ['name', '1', '22'],
      ['n', '333', '4'],
    ]).split('\n');
    expect(lines).toEqual(['        a  bb', 'name    1  22', 'n     333   4']);
  });

  it('settings are told without brackets and braces', () => {
    const setup = { score: { name: 'powers', width: 1 }, reservations: Number.POSITIVE_INFINITY, dropped: [] };
    expect(settingText(setup)).toBe('score (name powers, width 1), reservations Infinity, dropped none');
    expect(settingText('user')).toBe('user');
  });

  it('text of a trace stays on its line', () => {
    expect(clean('a\u001b[31mb\r\nc\u2028d\u202ee')).toBe('a [31mb c d e');
    expect(shortened('x'.repeat(40))).toHaveLength(32);
  });
});

describe('the summary as text', () => {
  const machine = { nodes: 4, unitsPerNode: 8 };
  const run = toyRun(toyWorkload(200, 5, machine), machine, FCFS);
  const text = summaryText(summary(run), run.planMillis);

  it('holds the headline, every table and the plans’ time', () => {
    for (const part of [
      'EASY on a toy',
      'offered load',
      'all jobs: 200 jobs',
      'without the first fifth: 160 jobs',
      'width  ',
      'run time  ',
      'queue  ',
      'Jain index',
      'WaitingForRoom',
      'interval score',
      'MALE',
      'promised starts',
      'plans: ',
      'p99 1.500 ms',
    ])
      expect(text).toContain(part);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('leaves out what was not timed', () => {
    expect(summaryText(summary(run))).not.toContain('plans: ');
  });

  it('says what is broken and what never started', () => {
    const never = [{ id: 'wide', reason: 'ExceedsPool', message: 'too\nwide' }];
    const broken = Array.from({ length: 12 }, (_, i) => `node-0 holds too much at ${i}`);
    const text = summaryText(summary({ ...run, jobs: [], series: [], never, broken }));
    expect(text).toContain('never started: 1 job, ExceedsPool; e.g. wide: too wide');
    expect(text).toContain('BROKEN INVARIANT: node-0 holds too much at 0');
    expect(text).toContain('(2 broken invariants more in summary.json)');
  });

  it('lets no control character of a trace through', () => {
    const evil = '\u001b[2Jqueue\u0007';
    const jobs = run.jobs.map((job, i) => ({ ...job, queue: i % 2 === 0 ? evil : 'batch', user: evil }));
    const text = summaryText(summary({ ...run, jobs, setup: { [evil]: evil } }));
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});
