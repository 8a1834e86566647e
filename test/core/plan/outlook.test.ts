import { describe, expect, it } from 'vitest';
import { Outlook, STARTS, stepFrom, stepOf } from '../../../operator/core/plan/outlook.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const need = { columns: Int32Array.of(0), amounts: Float64Array.of(2), known: true };

/** `free` of one resource now, and changes of it by members of two, each from a distance on. */
function outlook(free: number, ...changes: readonly (readonly [from: number, members: number])[]): Outlook {
  const made = new Outlook(1);
  made.begin(Float64Array.of(free), 0);
  for (const [from, members] of changes) made.shift(stepFrom(from), need, members);
  made.settle();
  return made;
}

const starts = (step: number) => STARTS[step];

describe('steps', () => {
  it('grow with their distance, up to sixty days', () => {
    const widths = [...STARTS.subarray(1)].map((start, i) => start - (STARTS[i] ?? 0));
    expect([...new Set(widths)]).toEqual([60, 300, 1800, 3 * HOUR, DAY]);
    expect(STARTS.at(-1)).toBe(60 * DAY);
  });

  it('hold the distances from their beginning to the next', () => {
    expect([0, 59, 60, 3599, 3600, 3899].map((d) => starts(stepOf(d)))).toEqual([0, 0, 60, 3540, 3600, 3600]);
    expect([0, 1, 60, 61, 3601].map((d) => starts(stepFrom(d)))).toEqual([0, 60, 60, 120, 3900]);
    expect(stepOf(60 * DAY)).toBe(STARTS.length);
    expect(stepFrom(61 * DAY)).toBe(STARTS.length);
  });

  it('from a distance on never begin before it', () => {
    for (let distance = 0; distance < 60 * DAY; distance += 977) {
      const step = stepFrom(distance);
      expect(STARTS[step] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(distance);
      if (step > 0) expect(STARTS[step - 1]).toBeLessThan(distance);
    }
  });
});

describe('an outlook', () => {
  it('has room from when enough has ended', () => {
    const made = outlook(1, [90, 1], [200, 2]);
    expect(starts(made.fit(0, need, 1, 1))).toBe(120);
    expect(starts(made.fit(0, need, 3, 1))).toBe(240);
    expect(made.fit(0, need, 4, 1)).toBe(STARTS.length);
  });

  it('fits a run only where nothing takes its room meanwhile', () => {
    const made = outlook(4, [300, -2], [600, 2]);
    expect(starts(made.fit(0, need, 2, 300))).toBe(0);
    expect(starts(made.fit(0, need, 2, 301))).toBe(600);
    expect(starts(made.fit(stepFrom(60), need, 1, 240))).toBe(60);
    expect(starts(made.fit(stepFrom(120), need, 1, 240))).toBe(600);
  });

  it('gives what was taken to nobody else', () => {
    const made = outlook(4);
    made.take(stepOf(0), need, 2, 90);
    expect(starts(made.fit(0, need, 1, 60))).toBe(120);
    made.take(stepOf(120), need, 1, 60);
    expect(starts(made.fit(0, need, 2, 60))).toBe(180);
    expect(starts(made.fit(0, need, 1, 60))).toBe(120);
  });

  it('takes a step at least, however short the run', () => {
    const made = outlook(2);
    made.take(stepOf(HOUR), need, 1, 1);
    expect(starts(made.fit(stepOf(HOUR), need, 1, 1))).toBe(HOUR + 300);
  });

  it('says nothing of what lies beyond its end', () => {
    const made = outlook(0, [61 * DAY, 5]);
    expect(made.fit(0, need, 1, 1)).toBe(STARTS.length);
  });
});
