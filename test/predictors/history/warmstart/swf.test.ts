import { expect, test } from 'vitest';
import { parseSwfRecord } from '../../../../operator/sim/traces/swf.ts';
import { checkRun } from '../../../../predictors/history/bounds.ts';
import { fromSwf, obeysLimits, type SwfRow } from '../../../../predictors/history/warmstart/swf.ts';
import { NOW } from '../runs.ts';

const OPTIONS = { trace: 'kth', epoch: 800_000_000, limitEnforced: true };

/** Job, submit, wait, run, allocated, cpu, memory, requested, limit, memory, status, user, group, executable, queue … */
const row = (text: string, wait = 60): SwfRow => ({ ...parseSwfRecord(text, 1), wait });
const complete = '7 100 60 500 16 -1 -1 16 3600 -1 1 3 1 9 2 -1 -1 -1';

test('a record that the simulator reads is a run', () => {
  const run = fromSwf(row(complete), OPTIONS);
  expect(run).toEqual({
    uid: 'swf/kth/7',
    attempt: 1,
    kind: 'SWF',
    user: 'kth/3',
    queue: '2',
    submittedAt: 800_000_100,
    startedAt: 800_000_160,
    endedAt: 800_000_660,
    limit: 3_600,
    limitEnforced: true,
    image: 'kth/9',
    command: [],
    nodes: 16,
    ranks: 16,
    gpus: 0,
    cpus: 16,
    memory: 0,
    declared: {},
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'kth', nodes: 16 },
  });
  expect(checkRun(run, NOW)).toEqual({ run });
});

test('a run past its limit was ended at it, where limits are enforced', () => {
  const late = row(complete.replace(' 500 ', ' 4000 '));
  expect(fromSwf(late, OPTIONS)).toMatchObject({ endedAt: 800_003_760, outcome: 'timeLimit', censored: true });
  const free = fromSwf(late, { ...OPTIONS, limitEnforced: false });
  expect(free).toMatchObject({ endedAt: 800_004_160, outcome: 'succeeded', limitEnforced: false, limit: 3_600 });
});

test('failed and cancelled ends are told apart, and what is unknown is absent', () => {
  expect(fromSwf(row(complete.replace(' -1 1 3', ' -1 0 3')), OPTIONS)).toMatchObject({
    outcome: 'failed',
    censored: false,
  });
  expect(fromSwf(row(complete.replace(' -1 1 3', ' -1 5 3')), OPTIONS)).toMatchObject({
    outcome: 'stopped',
    censored: true,
  });
  const bare = fromSwf(row('7 100 -1 500 16 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1', 0), OPTIONS);
  expect(bare).not.toHaveProperty('user');
  expect(bare).not.toHaveProperty('limit');
  expect(bare).not.toHaveProperty('image');
  expect(bare).toMatchObject({ startedAt: 800_000_100, limitEnforced: false });
  expect(checkRun(bare, NOW)).toEqual({ run: bare });
});

test.each([
  [complete.replace(' -1 1 3', ' -1 3 3'), /piece of a job/],
  [complete.replace('7 100', '7 -1'), /submit time unknown/],
  [complete.replace(' 500 ', ' 0 '), /run time unknown or zero/],
  [complete.replaceAll(' 16 ', ' -1 '), /processors unknown/],
])('%s is no run', (text, why) => {
  expect(fromSwf(row(text), OPTIONS)).toMatch(why);
});

test('limits are enforced where nine in ten obey them', () => {
  const rows = (obeying: number) => Array.from({ length: 10 }, (_, i) => ({ run: i < obeying ? 5 : 50, limit: 10 }));
  expect(obeysLimits(rows(9))).toBe(true);
  expect(obeysLimits(rows(8))).toBe(false);
  expect(obeysLimits([{ run: 5, limit: undefined }])).toBe(false);
});
