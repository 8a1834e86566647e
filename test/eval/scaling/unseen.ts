/** Points that were never seen, and what is said of them. */
import { type Curves, eachLeftOut, fitCurves, predictWidth } from '../../../predictors/scaling/curves.ts';
import type { Variances } from '../../../predictors/scaling/kernel.ts';
import { sameCurve, type WidthPoint } from '../../../predictors/scaling/point.ts';
import { tuneVariances } from '../../../predictors/scaling/tune.ts';
import { mean } from '../metrics.ts';
import { amdahlWithCommunication, logLogLine, meanOfOthers } from './baselines.ts';

/** A tested point, and seconds by method. */
export type Said = { readonly point: WidthPoint; readonly seconds: Readonly<Record<string, number>> };

/** A width of one curve needs so many others there. */
const OTHERS = 2;

const others = (points: readonly WidthPoint[], point: WidthPoint): readonly WidthPoint[] =>
  points.filter((other) => other !== point && sameCurve(other, point));

/** For each program, variances that were tuned without any of its points. */
export function variancesByProgram(points: readonly WidthPoint[]): ReadonlyMap<string, Variances> {
  const programs = [...new Set(points.map(({ program }) => program))];
  return new Map(programs.map((one) => [one, tuneVariances(points.filter(({ program }) => program !== one))]));
}

/** Each width of each curve from all other points: other widths of the same, other sizes, programs and environments. */
export function unseenWidths(
  points: readonly WidthPoint[],
  variances: ReadonlyMap<string, Variances>,
): readonly Said[] {
  return [...variances].flatMap(([program, own]) => {
    const left = eachLeftOut(fitCurves(points, own));
    return left.flatMap(({ point, log }) => {
      const curve = others(points, point);
      if (point.program !== program || curve.length < OTHERS) return [];
      const seconds = {
        ours: Math.exp(log),
        strict: strict(points, point, own),
        logLog: logLogLine(curve, point.width),
        amdahl: amdahlWithCommunication(curve, point.width),
        mean: meanOfOthers(curve, point.width),
      };
      return [{ point, seconds }];
    });
  });
}

/** As before, but no other size of the program is known at the tested width in this environment either. */
function strict(points: readonly WidthPoint[], point: WidthPoint, variances: Variances): number {
  const known = points.filter(
    (other) =>
      other.program !== point.program || other.environment !== point.environment || other.width !== point.width,
  );
  return predictWidth(fitCurves(known, variances), point).seconds;
}

/** Every way to pick `count` of the items. */
function picks<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => picks(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}

/** Log-time shift by which first runs differ from what was predicted for them, or none. */
const shift = (first: readonly WidthPoint[], predict: (point: WidthPoint) => number): number =>
  first.length === 0 ? 1 : Math.exp(mean(first.map((point) => Math.log(point.seconds / predict(point)))));

/**
 * A whole environment left out, all programs of it, then each of its curves from `firstRuns` of its own points, every choice
 * of them in turn. `sameWidth`: mean of the same cell in the other environments, scaled by what the first runs differ.
 */
export function unseenEnvironments(
  points: readonly WidthPoint[],
  variances: ReadonlyMap<string, Variances>,
  firstRuns: number,
): readonly Said[] {
  return [...new Set(points.map(({ environment }) => environment))].flatMap((left) => {
    const known = points.filter(({ environment }) => environment !== left);
    const sameWidth = (point: WidthPoint) => {
      const same = known.filter(
        ({ program, size, width, kind }) =>
          program === point.program && size === point.size && width === point.width && kind === point.kind,
      );
      return mean(same.map(({ seconds }) => seconds));
    };
    const own = points.filter(({ environment }) => environment === left);
    const curves = [...Map.groupBy(own, ({ program, size }) => `${program} ${size}`).values()];
    return curves.flatMap((curve) =>
      picks(curve, firstRuns).flatMap((first) => {
        const model: Curves = fitCurves([...known, ...first], variances.get((curve[0] as WidthPoint).program));
        const factor = shift(first, sameWidth);
        return curve
          .filter((point) => !first.includes(point) && Number.isFinite(sameWidth(point)))
          .map((point) => ({
            point,
            seconds: { ours: predictWidth(model, point).seconds, sameWidth: sameWidth(point) * factor },
          }));
      }),
    );
  });
}
