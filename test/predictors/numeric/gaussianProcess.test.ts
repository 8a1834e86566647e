import { expect, it } from 'vitest';
import { fitProcess, leaveOneOut, predictAt, type Samples } from '../../../predictors/numeric/gaussianProcess.ts';

const kernel = (a: number, b: number): number => Math.exp(-((a - b) ** 2) / 2);
const POINTS = Array.from({ length: 12 }, (_, i) => i / 2);

const samples = (noise: number): Samples<number> => ({
  points: POINTS,
  targets: [POINTS.map(Math.sin), POINTS.map(Math.cos)],
  kernel,
  noise: () => noise,
});

it('passes between known points, for every target', () => {
  const { means, variance } = predictAt(fitProcess(samples(1e-8)), 2.25);
  expect(means[0]).toBeCloseTo(Math.sin(2.25), 2);
  expect(means[1]).toBeCloseTo(Math.cos(2.25), 2);
  expect(variance).toBeLessThan(1e-3);
});

it('says nothing far away, and says that it does not know', () => {
  const { means, variance } = predictAt(fitProcess(samples(1e-4)), 100);
  expect(means[0]).toBeCloseTo(0, 6);
  expect(variance).toBeCloseTo(1, 6);
});

it('leaves one out as a fit without that point would', () => {
  const all = samples(0.01);
  const left = leaveOneOut(fitProcess(all));
  for (const [i, point] of POINTS.entries()) {
    const targets = all.targets.map((target) => target.toSpliced(i, 1));
    const without = fitProcess({ ...all, points: POINTS.toSpliced(i, 1), targets });
    const { means, variance } = predictAt(without, point);
    expect(left[i]?.error).toBeCloseTo(Math.sin(point) - (means[0] as number), 8);
    expect(left[i]?.variance).toBeCloseTo(variance + 0.01, 8);
  }
});

it('lets a wild point count less where it may', () => {
  const wild = (softL1?: number) => {
    const targets = [POINTS.map(Math.sin).with(5, 8)];
    return predictAt(fitProcess({ ...samples(0.1), targets, ...(softL1 === undefined ? {} : { softL1 }) }), 2.5)
      .means[0];
  };
  const off = (value: number | undefined) => Math.abs((value as number) - Math.sin(2.5));
  expect(off(wild(0.05))).toBeLessThan(off(wild()) / 2);
});
