/** Run time as a curve over widths, borrowed from other widths, other programs and other environments. */
import { fitProcess, leaveOneOut, type Process, predictAt } from '../numeric/gaussianProcess.ts';
import { START, scalingKernel, type Variances } from './kernel.ts';
import { possible, type WidthAsked, type WidthPoint } from './point.ts';

export type Curves = {
  readonly process: Process<WidthAsked>;
  readonly points: readonly WidthPoint[];
  readonly variances: Variances;
  /** Mean log seconds of all points: what nothing known stands for. */
  readonly level: number;
};

export type WidthPrediction = {
  readonly width: number;
  /** Median, and the interval that holds nine runs of ten, seconds. */
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
};

/** A fit's time grows with the cube of its points: beyond so many the oldest go. */
const MOST_POINTS = 600;
/** Standard deviations on either side that hold nine of ten. */
const NINE_OF_TEN = 1.645;

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Learns from points, oldest first; impossible ones are passed over. First runs in a new environment are points like others. */
export function fitCurves(points: readonly WidthPoint[], variances: Variances = START): Curves {
  const kept = points.filter(possible).slice(-MOST_POINTS);
  const logs = kept.map(({ seconds }) => Math.log(seconds));
  const level = meanOf(logs);
  const kernel = scalingKernel(variances, meanOf(kept.map(({ width }) => Math.log(width))));
  const targets = [logs.map((log) => log - level)];
  const process = fitProcess<WidthAsked>({ points: kept, targets, kernel, noise: () => variances.noise });
  return { process, points: kept, variances, level };
}

export function predictWidth({ process, variances, level }: Curves, asked: WidthAsked): WidthPrediction {
  const { means, variance } = predictAt(process, asked);
  const log = level + (means[0] as number);
  const spread = NINE_OF_TEN * Math.sqrt(variance + variances.noise);
  return { width: asked.width, seconds: Math.exp(log), low: Math.exp(log - spread), high: Math.exp(log + spread) };
}

/** The curve over these widths. Where it has its least need not be at an end. */
export const predictWidths = (
  curves: Curves,
  asked: WidthAsked,
  widths: readonly number[],
): readonly WidthPrediction[] => widths.map((width) => predictWidth(curves, { ...asked, width }));

/**
 * The smallest width whose predicted run time is within `slack` (0.05: 5 %) of the least: beyond the knee, more nodes cost
 * more than they gain. Throws without widths.
 */
export function bestWidth(curves: Curves, asked: WidthAsked, widths: readonly number[], slack = 0): WidthPrediction {
  const curve = predictWidths(curves, asked, widths).toSorted((a, b) => a.width - b.width);
  const least = Math.min(...curve.map(({ seconds }) => seconds));
  const found = curve.find(({ seconds }) => seconds <= least * (1 + slack));
  if (found === undefined) throw new Error('widths is empty: name at least one');
  return found;
}

/** For each known point: its log seconds, what all others together say of it, and the standard deviation of that. */
export const eachLeftOut = (curves: Curves) =>
  leaveOneOut(curves.process).map(({ error, variance }, i) => {
    const point = curves.points[i] as WidthPoint;
    return { point, log: Math.log(point.seconds) - error, error, spread: Math.sqrt(variance) };
  });
