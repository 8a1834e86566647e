import { expect, it } from 'vitest';
import { effectOf } from '../../../predictors/energy/capLaw.ts';
import { fitLaws, lawFor, PRIOR_LAW } from '../../../predictors/energy/fitLaw.ts';
import { CAPS, capped, LAW, samples, V } from './samples.ts';

it('finds the law that made the samples', () => {
  const { pooled } = fitLaws(samples());
  for (const uncapped of [0.3, 0.6, 0.9])
    for (const cap of [0.45, 0.65, 0.85]) {
      const [found, true_] = [effectOf(pooled, { uncapped, cap }), effectOf(LAW, { uncapped, cap })];
      expect(found.power).toBeCloseTo(true_.power, 2);
      expect(found.slowdown).toBeCloseTo(true_.slowdown, 2);
    }
});

it('gives an accelerator that it has not seen the pooled law', () => {
  const laws = fitLaws(samples());
  expect(lawFor(laws, 'never seen')).toBe(laws.pooled);
  expect(lawFor(laws, 'v')).not.toBe(laws.pooled);
});

it('moves an accelerator of many rows further from the pooled law than one of few', () => {
  const steep = { ...LAW, gain: 0.6 };
  const apart = (rows: number) => {
    const odd = { name: 'odd', watts: 400 };
    const own = [0.5, 0.6, 0.7, 0.8, 0.9].flatMap((share) => capped('x', odd, share, CAPS, steep)).slice(-rows);
    const laws = fitLaws([...samples(), ...samples(), ...own]);
    return Math.abs(lawFor(laws, 'odd').gain - laws.pooled.gain);
  };
  expect(apart(1)).toBeLessThan(apart(30));
});

it('is the published law before anything was measured', () => {
  expect(fitLaws([]).pooled).toEqual(PRIOR_LAW);
  expect(fitLaws([]).own.size).toBe(0);
});

it('is hardly moved by a run that was disturbed', () => {
  const clean = samples();
  const disturbed = clean.with(40, { ...(clean[40] as (typeof clean)[0]), slowdown: 30 });
  const at = { uncapped: 0.8, cap: 0.5 };
  const [a, b] = [clean, disturbed].map((rows) => effectOf(lawFor(fitLaws(rows), V.name), at).slowdown);
  expect(Math.abs((a as number) - (b as number))).toBeLessThan(0.02);
});
