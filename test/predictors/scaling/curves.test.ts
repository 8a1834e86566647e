import { describe, expect, it } from 'vitest';
import { bestWidth, eachLeftOut, fitCurves, predictWidth, predictWidths } from '../../../predictors/scaling/curves.ts';
import { START } from '../../../predictors/scaling/kernel.ts';
import { possible, type WidthPoint } from '../../../predictors/scaling/point.ts';
import { tuneVariances } from '../../../predictors/scaling/tune.ts';

const WIDTHS = [4, 8, 16, 32, 64];

/** a + b / n + c n, scaled by the environment. */
const curve = (program: string, environment: string, [a, b, c, scale]: readonly [number, number, number, number]) =>
  WIDTHS.map(
    (width): WidthPoint => ({
      program,
      environment,
      kind: 'cpu',
      size: 1,
      width,
      seconds: scale * (a + b / width + c * width),
    }),
  );

const KNOWN = [
  ...curve('lmp', 'x', [5, 800, 0.8, 1]),
  ...curve('lmp', 'y', [5, 800, 0.8, 1.4]),
  ...curve('fe', 'x', [2, 300, 0.5, 1]),
  ...curve('fe', 'y', [2, 300, 0.5, 1.4]),
  ...curve('gemm', 'x', [20, 0, 0.01, 1]),
  ...curve('gemm', 'y', [20, 0, 0.01, 1.4]),
];
const at = (width: number) => ({ program: 'lmp', environment: 'x', kind: 'cpu', size: 1, width });
const lmp = (width: number) => 5 + 800 / width + 0.8 * width;

describe('a curve over widths', () => {
  it('tells a width that was left out', () => {
    const known = KNOWN.filter(
      (point) => !(point.program === 'lmp' && point.environment === 'x' && point.width === 16),
    );
    const { seconds, low, high } = predictWidth(fitCurves(known), at(16));
    expect(Math.abs(seconds / lmp(16) - 1)).toBeLessThan(0.1);
    expect(low).toBeLessThan(seconds);
    expect(high).toBeGreaterThan(seconds);
  });

  it('may turn back up: the best width is not the largest', () => {
    const curves = fitCurves(KNOWN);
    const times = predictWidths(curves, at(1), WIDTHS).map(({ seconds }) => seconds);
    expect(times[4]).toBeGreaterThan(times[3] as number);
    expect(bestWidth(curves, at(1), WIDTHS).width).toBe(32);
    expect(bestWidth(curves, at(1), WIDTHS, 0.3).width).toBe(16);
    expect(() => bestWidth(curves, at(1), [])).toThrow('widths is empty');
  });

  it('leaves each out as a fit without it would', () => {
    const left = eachLeftOut(fitCurves(KNOWN))[7];
    const without = fitCurves(KNOWN.toSpliced(7, 1));
    // The level is the mean of what is known, so it differs by a little.
    expect(left?.log).toBeCloseTo(Math.log(predictWidth(without, KNOWN[7] as WidthPoint).seconds), 1);
  });
});

describe('an environment that was not seen', () => {
  const slow = curve('lmp', 'z', [5, 800, 0.8, 3]);
  const error = (first: readonly WidthPoint[]) => {
    const curves = fitCurves([...KNOWN, ...first]);
    return Math.abs(Math.log(predictWidth(curves, { ...at(16), environment: 'z' }).seconds / (3 * lmp(16))));
  };

  it('is corrected by its first run, and better by the second', () => {
    expect(error([])).toBeGreaterThan(0.5);
    expect(error(slow.slice(0, 1))).toBeLessThan(0.5 * error([]));
    expect(error([slow[1], slow[3]] as WidthPoint[])).toBeLessThan(0.15);
  });

  it('is known a little by another program there', () => {
    expect(error(curve('fe', 'z', [2, 300, 0.5, 3]))).toBeLessThan(error([]));
  });
});

describe('what is learned from', () => {
  it('passes over impossible points', () => {
    const junk = [
      { ...at(4), seconds: Number.NaN },
      { ...at(4), seconds: -1 },
      { ...at(0), seconds: 1 },
    ];
    expect(junk.some(possible)).toBe(false);
    expect(predictWidth(fitCurves([...KNOWN, ...junk]), at(16))).toEqual(predictWidth(fitCurves(KNOWN), at(16)));
  });

  it('knows nothing without points, and says so by its interval', () => {
    const { low, high } = predictWidth(fitCurves([]), at(16));
    expect(high / low).toBeGreaterThan(100);
  });

  it('tunes to noise where there is some, and not at all where there is too little', () => {
    expect(tuneVariances(KNOWN.slice(0, 10))).toBe(START);
    const shaken = KNOWN.flatMap((point) =>
      [1.2, 1 / 1.2].map((factor) => ({ ...point, seconds: point.seconds * factor })),
    );
    expect(tuneVariances(shaken).noise).toBeGreaterThan(2 * tuneVariances(KNOWN).noise);
  });
});
