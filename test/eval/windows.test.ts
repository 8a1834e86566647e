import { describe, expect, it } from 'vitest';
import type { ReferenceJob } from './reference/job.ts';
import { fcfs, sjf } from './reference/scores.ts';
import { hundred, windows } from './windows.ts';

const jobs = (...list: readonly (readonly [submit: number, run: number, width: number])[]): readonly ReferenceJob[] =>
  list.map(([submit, run, width], index) => ({ id: `${index}`, index, submit, run, width, limit: run, estimate: run }));

/** Waits of one window whose jobs all run 10 s or more. */
const bsld = (waits: readonly number[], runs: readonly number[]) =>
  waits.reduce((sum, wait, i) => sum + (wait + (runs[i] as number)) / (runs[i] as number), 0) / waits.length;

describe('RLScheduler windows', () => {
  it('commits to the first job: a shorter one that comes later has to wait', () => {
    const list = jobs([0, 100, 8], [1, 50, 8], [2, 10, 8]);
    const [ours] = windows(list, 8, [0], { order: sjf, backfill: false });
    // The second is committed to at 1, before the third has come.
    expect(ours).toBeCloseTo(bsld([0, 99, 148], [100, 50, 10]), 10);
  });

  it('backfills only what ends before the shadow time, and not at it', () => {
    const list = jobs([0, 100, 6], [1, 50, 8], [2, 97, 1], [2, 98, 1]);
    const [ours] = windows(list, 8, [0], { order: fcfs, backfill: true });
    expect(ours).toBeCloseTo(bsld([0, 99, 0, 148], [100, 50, 97, 98]), 10);
  });

  it('spreads a hundred windows as the measurements did', () => {
    expect([hundred(10_000)[1], hundred(10_000)[99]]).toEqual([1024 + 79, 1024 + 99 * 79]);
    expect(hundred(28_468)[99]).toBe(1024 + 99 * 264);
  });
});
