import { describe, expect, it } from 'vitest';
import { figures, last80 } from './metrics.ts';
import { liftedPredictions } from './oracles/philly.ts';
import { type AdapterRow, between, within } from './oracles/row.ts';
import { checked } from './oracles/table.ts';

const row = (expected: AdapterRow['expected']): AdapterRow => ({
  how: 'adapter',
  section: '2c',
  trace: 'trace',
  policy: 'policy',
  expected,
  measure: async () => ({}),
});

describe('the table of known numbers', () => {
  it('takes half a percent either way for the same', () => {
    const lines = checked(row({ a: within(200), b: within(200), c: within(200) }), { a: 199, b: 201.1, c: 200.9 });
    expect(lines.map(({ ok }) => ok)).toEqual([true, false, true]);
  });

  it('keeps to stated bounds', () => {
    const lines = checked(row({ a: between(5, 4, 8), b: between(5, 4, 8) }), { a: 8, b: 3.9 });
    expect(lines.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('does not let pass what was not measured', () => {
    expect(checked(row({ a: within(1) }), {}).map(({ ok }) => ok)).toEqual([false]);
  });
});

describe('figures', () => {
  it('bounds the slowdown at ten seconds and below at one', () => {
    const ran = [
      { submit: 0, start: 20, run: 5 },
      { submit: 0, start: 0, run: 1 },
      { submit: 10, start: 40, run: 30 },
    ];
    const { bsld, meanWait, maxWait, jct, medianWait } = figures(ran);
    expect(bsld).toBeCloseTo((2.5 + 1 + 2) / 3, 12);
    expect([meanWait, maxWait, medianWait, jct]).toEqual([50 / 3, 30, 20, (25 + 1 + 60) / 3]);
  });

  it('takes the last 80 % from index floor(0.2 N) on', () => {
    expect(last80([0, 1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('predictions lifted above zero', () => {
  it('keep the order of prediction x width', () => {
    const job = (id: string, width: number, prediction: number) => ({
      id,
      submit: 0,
      run: 1,
      parts: [{ ranks: width, accelerators: 1 }],
      prediction,
    });
    const jobs = [job('a', 32, -7), job('b', 1, -224), job('c', 1, 3), job('d', 8, -1), job('e', 2, 100)];
    const lifted = liftedPredictions(jobs);
    const areas = lifted.map(({ parts, prediction }) => (parts[0]?.ranks ?? 0) * (prediction ?? 0));
    const before = jobs.map(({ parts, prediction }) => (parts[0]?.ranks ?? 0) * prediction);
    expect(areas.map((area, i) => area - (before[i] as number))).toEqual(Array.from({ length: 5 }, () => 256));
    for (const { prediction } of lifted) expect(prediction).toBeGreaterThanOrEqual(1);
  });
});
