import { describe, expect, it } from 'vitest';
import { movesWithTime, NAMED_SCORES, type Score, type Scored, scoreOf } from '../../../operator/core/plan/score.ts';

/** 300 s on 4 processors, asked for 1,000 s, submitted at 100: at 1,000 it has waited for three times its run. */
const job: Scored = { run: 300, limit: 1000, width: 4, submitted: 100, z: 0.5 };
const at = (name: (typeof NAMED_SCORES)[number], more: Partial<Scored> = {}, now = 1000) =>
  scoreOf({ name }, { ...job, ...more }, now);

const powers = (more: Partial<Score & { name: 'powers' }>): Score => ({
  name: 'powers',
  width: 0,
  run: 0,
  limit: 0,
  z: 0,
  ageing: 0,
  horizon: 3600,
  ...more,
});

describe('scoreOf', () => {
  // Worked out by hand from the formulas of the papers.
  it.each([
    ['fcfs', 100],
    ['sjf', 300],
    ['saf', 1200],
    ['smallest', 4],
    ['lxf', -(900 + 300) / 300],
    ['wfp3', -(3 ** 3) * 4],
    ['unicep', -900 / (Math.log2(5) * 300)],
    ['f1', 2.477_121_254_719_662 * 4 + 870 * 2],
    ['f2', 17.320_508_075_688_77 * 4 + 25_600 * 2],
    ['f3', 1200 + 6_860_000 * 2],
    ['f4', 600 + 530_000 * 2],
  ] as const)('%s', (name, expected) => {
    expect(at(name)).toBeCloseTo(expected, 9);
  });

  it('counts no run below 10 s in LXF, and no wait before submission', () => {
    expect(at('lxf', { run: 1 })).toBe(-90.1);
    expect(at('wfp3', {}, 50)).toBeCloseTo(0);
    expect(at('unicep', { submitted: 2000 })).toBeCloseTo(0);
  });

  it('is finite for a gang of one processor, where UNICEP as published divides by zero', () => {
    expect(at('unicep', { width: 1 })).toBe(-3);
  });

  it('multiplies powers, each left out by an exponent of 0', () => {
    const of = (more: Partial<Score & { name: 'powers' }>) => scoreOf(powers(more), job, 1000);
    expect(of({})).toBe(1);
    expect(of({ width: 2 })).toBe(16);
    expect(of({ run: 1, width: 1 })).toBe(1200);
    expect(of({ limit: 0.5 })).toBeCloseTo(31.622_776_601_683_8);
    expect(of({ z: 2 })).toBe(4);
    // Aged area: 1200 / (1 + 900 / 900)^2.
    expect(of({ run: 1, width: 1, ageing: 2, horizon: 900 })).toBe(300);
  });
});

describe('movesWithTime', () => {
  it('holds of the scores that change while a gang waits, and of no other', () => {
    for (const name of NAMED_SCORES)
      expect([name, movesWithTime({ name })]).toEqual([name, at(name) !== at(name, {}, 5000)]);
    expect(movesWithTime(powers({ run: 1 }))).toBe(false);
    expect(movesWithTime(powers({ ageing: 1 }))).toBe(true);
  });
});
