import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../operator/core/plan/policy.ts';
import { parseMachine } from '../../../operator/sim/machine.ts';
import { costOf, type Measured } from '../../../operator/sim/tune/measure.ts';
import { split } from '../../../operator/sim/tune/split.ts';
import { tunedText } from '../../../operator/sim/tune/text.ts';
import { FEWEST_RUNS, judged, type TuneOptions, tune } from '../../../operator/sim/tune/tune.ts';
import type { Workload, WorkloadJob } from '../../../operator/sim/workload.ts';

const HOUR = 3600;

/** Bursts of jobs every four hours: half of them long, half of them short; `limits` says what users ask for. */
function history(limits: (isLong: boolean, isLate: boolean) => number): Workload {
  const jobs = Array.from({ length: 480 }, (_, i): WorkloadJob => {
    const isLong = i % 2 === 0;
    const submit = Math.floor(i / 8) * 4 * HOUR + (i % 8) * 10;
    const limit = limits(isLong, i >= 320);
    const run = isLong ? 3000 : 20;
    return { id: `j${i}`, submit, run, limit, user: `u${i % 7}`, parts: [{ ranks: 3, accelerators: 0 }] };
  });
  return { jobs, format: 'synthetic', records: jobs.length, dropped: [], adjusted: [] };
}

function options(workload: Workload, more: Partial<TuneOptions> = {}): TuneOptions {
  return {
    split: split(workload, 1000, 500),
    place: { machine: parseMachine('1x4'), estimates: 'user' },
    baseline: { policy: { ...DEFAULT_POLICY, reservations: 1 }, queue: {} },
    runs: FEWEST_RUNS,
    seed: 1,
    ...more,
  };
}

const honest = (isLong: boolean) => (isLong ? 3500 : 60);

describe('tuning', () => {
  test('keeps what is better on the later part too', () => {
    const shares: number[] = [];
    const tuned = tune(options(history(honest), { onRun: (share) => shares.push(share) }));
    expect(tuned.refusals).toEqual([]);
    expect(tuned.interval.verdict).toBe('better');
    expect(tuned.heldOut.found.bsld).toBeLessThan(tuned.heldOut.baseline.bsld / 2);
    expect(tunedText(tuned)).toMatch(/^accepted: better on the held-out part$/m);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
  });

  test('refuses what fits only the part that was searched on', () => {
    // In the later part those who ask for little run long, and the others are over at once.
    const misleading = history((isLong, isLate) => (isLate ? (isLong ? 3000 : 50_000) : honest(isLong)));
    const tuned = tune(options(misleading));
    expect(tuned.training.found.bsld).toBeLessThan(tuned.training.baseline.bsld / 2);
    expect(tuned.heldOut.found.bsld).toBeGreaterThanOrEqual(tuned.heldOut.baseline.bsld);
    expect(tuned.refusals).toContain('it is not shown to be better on the held-out part');
    expect(tunedText(tuned)).toMatch(/^not accepted: it is not shown to be better/m);
  });

  test('refuses where there is nothing to gain', () => {
    const roomy = options(history(honest), { place: { machine: parseMachine('1x100'), estimates: 'user' } });
    const { interval, refusals } = tune(roomy);
    expect(interval).toMatchObject({ difference: 0, verdict: 'no difference shown' });
    expect(refusals).toHaveLength(1);
  });

  test('is the same again for the same seed', () => {
    const once = tune(options(history(honest)));
    expect(tune(options(history(honest)))).toEqual(once);
    expect(tune(options(history(honest), { seed: 2 })).recipe).not.toEqual(once.recipe);
  });
});

describe('judging', () => {
  const measured = (slowdown: (i: number) => number, maxWait: number): Measured => {
    const slowdowns = new Map(Array.from({ length: 400 }, (_, i) => [i, slowdown(i)]));
    return { slowdowns, bsld: 0, meanWait: 0, maxWait };
  };

  test('a mean that differs by chance is no reason', () => {
    const baseline = measured((i) => 2 + (i % 7), HOUR);
    const lucky = measured((i) => 2 + (i % 7) + (i === 11 ? -300 : 0.2), HOUR);
    expect(judged({ baseline, found: lucky }, HOUR, 1).interval.difference).toBeLessThan(0);
    expect(judged({ baseline, found: lucky }, HOUR, 1).refusals).toEqual([
      'it is not shown to be better on the held-out part',
    ]);
    expect(judged({ baseline, found: measured((i) => 1.5 + (i % 7), HOUR) }, HOUR, 1).refusals).toEqual([]);
  });

  test('nobody may wait longer than is accepted, or than they do anyway', () => {
    const found = (maxWait: number) =>
      judged({ baseline: measured(() => 3, 2 * HOUR), found: measured(() => 1, maxWait) }, HOUR, 1);
    expect(found(2 * HOUR).refusals).toEqual([]);
    expect(found(3 * HOUR).refusals).toEqual(['its longest wait there is 3.0 h; at most 2.0 h are accepted']);
  });

  test('who never starts is no gain', () => {
    const baseline = measured(() => 3, HOUR);
    const found = measured(() => 1, HOUR);
    const fewer = { ...found, slowdowns: new Map([...found.slowdowns].slice(1)) };
    expect(judged({ baseline, found: fewer }, HOUR, 1).refusals).toEqual(['some jobs could never start under it']);
  });

  test('the cost grows with what the longest wait exceeds', () => {
    expect(costOf({ bsld: 5, maxWait: 10 }, 10)).toBe(5);
    expect(costOf({ bsld: 5, maxWait: 15 }, 10)).toBe(10);
  });
});
