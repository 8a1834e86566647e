import { describe, expect, test } from 'vitest';
import { split } from '../../../operator/sim/tune/split.ts';
import type { Workload, WorkloadJob } from '../../../operator/sim/workload.ts';

const DAY = 86_400;

/** Twelve jobs a day. */
function history(days: number, more: (i: number) => Partial<WorkloadJob> = () => ({})): Workload {
  const jobs = Array.from({ length: 12 * days }, (_, i): WorkloadJob => {
    return { id: `j${i}`, submit: 1000 + (i * DAY) / 12, run: 60, parts: [{ ranks: 1, accelerators: 0 }], ...more(i) };
  });
  return { jobs, format: 'synthetic', records: jobs.length, dropped: [], adjusted: [] };
}

const ids = ({ jobs }: Workload) => jobs.map(({ id }) => id);

describe('a history', () => {
  test('is searched on before it is decided on, and the end decides', () => {
    const { training, heldOut, days } = split(history(100), 30, 15);
    expect(days).toEqual([30, 15]);
    expect(ids(training)).toHaveLength(360);
    expect(ids(heldOut)).toHaveLength(180);
    expect(ids(heldOut).at(-1)).toBe('j1199');
    expect(training.jobs.at(-1)?.submit).toBeLessThan(heldOut.jobs[0]?.submit ?? 0);
  });

  test('that is too short is parted in two thirds and one', () => {
    const { training, heldOut, days } = split(history(30), 30, 15);
    expect([ids(training).length, ids(heldOut).length]).toEqual([240, 120]);
    expect(days[0] / days[1]).toBeCloseTo(2);
    expect([...ids(training), ...ids(heldOut)]).toEqual(ids(history(30)));
  });

  test('keeps dependencies inside a part, and only those', () => {
    const chained = history(30, (i) => (i === 0 ? {} : { after: [`j${i - 1}`] }));
    const { training, heldOut } = split(chained, 30, 15);
    expect(training.jobs[1]?.after).toEqual(['j0']);
    expect(heldOut.jobs[0]).not.toHaveProperty('after');
    expect(heldOut.jobs[1]?.after).toEqual([heldOut.jobs[0]?.id]);
  });

  test('of too few jobs is refused', () => {
    expect(() => split(history(20), 30, 15)).toThrow(
      'the held-out part of the history holds 80 jobs; tuning needs at least 100 in each',
    );
    expect(() => split(history(5), 30, 15)).toThrow('the training part');
  });
});
