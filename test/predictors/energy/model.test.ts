import { expect, it } from 'vitest';
import { fitCapModel, lawEffect, predictEffect } from '../../../predictors/energy/model.ts';
import { loadOf, teaches } from '../../../predictors/energy/sample.ts';
import { CAPS, capped, samples, V } from './samples.ts';

const ODD = { program: 'odd', device: V, uncapped: 0.8 * V.watts, cap: 0.5 * V.watts };

it('predicts a program that it has not seen', () => {
  const model = fitCapModel(samples());
  for (const sample of capped('new', V, 0.65, CAPS)) {
    const { watts, slowdown } = predictEffect(model, sample);
    expect(watts / sample.watts).toBeCloseTo(1, 1);
    expect(slowdown / sample.slowdown).toBeCloseTo(1, 1);
  }
});

it('learns what a program shows beyond the law, and hardly lends it to others', () => {
  const odd = [0.78, 0.8, 0.82].flatMap((share) => capped('odd', V, share, CAPS));
  const slow = odd.map((sample) => ({ ...sample, slowdown: 1 + 2 * (sample.slowdown - 1) }));
  const model = fitCapModel([...samples(), ...slow]);
  const beyond = (program: string) => {
    const asked = { ...ODD, program };
    return Math.log(predictEffect(model, asked).slowdown / lawEffect(model, asked).slowdown);
  };
  expect(beyond('odd')).toBeGreaterThan(0.05);
  expect(beyond('another')).toBeLessThan(0.7 * beyond('odd'));
});

it('leaves a run without a cap alone, and never says that a cap makes faster', () => {
  const model = fitCapModel(samples().map((sample) => ({ ...sample, slowdown: sample.slowdown * 0.97 })));
  expect(predictEffect(model, { ...ODD, cap: V.watts })).toEqual({ watts: ODD.uncapped, slowdown: 1 });
  for (const cap of CAPS)
    expect(predictEffect(model, { ...ODD, cap: cap * V.watts }).slowdown).toBeGreaterThanOrEqual(1);
});

it('works before anything was measured', () => {
  const { watts, slowdown } = predictEffect(fitCapModel([]), ODD);
  expect(watts).toBeLessThan(ODD.uncapped);
  expect(slowdown).toBeGreaterThan(1);
});

it('passes over impossible samples', () => {
  const [sample] = capped('x', V, 0.7, [0.5]);
  for (const wrong of [
    { slowdown: Number.NaN },
    { watts: -1 },
    { slowdown: 0 },
    { uncapped: Number.POSITIVE_INFINITY },
    { cap: V.watts },
  ])
    expect(teaches({ ...(sample as NonNullable<typeof sample>), ...wrong })).toBe(false);
  const junk = samples().map((one) => ({ ...one, slowdown: Number.NaN }));
  expect(predictEffect(fitCapModel([...samples(), ...junk]), ODD)).toEqual(predictEffect(fitCapModel(samples()), ODD));
});

it('names the field of a load that cannot be', () => {
  expect(() => loadOf({ ...ODD, cap: 0 })).toThrow('cap is 0: give watts above 0');
});
