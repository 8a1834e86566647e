/**
 * How alike the log run times of two points are. A log run time is taken as a sum of parts, each shared by the points that
 * have something in common: a level, a slope over log width, and a bend (a smooth function of log width), of the curve
 * itself, of the program in this environment, of the program on this kind of machine, and of the environment. A bend may
 * turn back up: no part makes a wider run faster.
 */
import type { Kernel } from '../numeric/gaussianProcess.ts';
import { sameCurve, type WidthAsked } from './point.ts';

/** Variances of the parts, of log seconds; those of slopes for one unit of log width. */
export type Variances = {
  readonly curveLevel: number;
  readonly hereLevel: number;
  readonly programLevel: number;
  readonly environmentLevel: number;
  readonly curveSlope: number;
  readonly programSlope: number;
  readonly environmentSlope: number;
  readonly anySlope: number;
  readonly curveBend: number;
  readonly hereBend: number;
  readonly programBend: number;
  readonly environmentBend: number;
  readonly kindBend: number;
  /** Slope over log size of a program, here and everywhere. */
  readonly sizeSlope: number;
  /** Log widths so far apart bend alike. */
  readonly length: number;
  /** What two runs of the same differ by. */
  readonly noise: number;
};

/** Where tuning starts, and what serves while too little is known to tune: round values, chosen before any fit. */
export const START: Variances = {
  curveLevel: 2,
  hereLevel: 1,
  programLevel: 1,
  environmentLevel: 1,
  curveSlope: 0.2,
  programSlope: 0.1,
  environmentSlope: 0.1,
  anySlope: 0.05,
  curveBend: 0.1,
  hereBend: 0.1,
  programBend: 0.1,
  environmentBend: 0.1,
  kindBend: 0.1,
  sizeSlope: 0.3,
  length: 1.5,
  noise: 0.001,
};

/** `center`: the log width where slopes turn, the middle of what is known, so that levels are those of known widths. */
export function scalingKernel(v: Variances, center: number): Kernel<WidthAsked> {
  return (a, b) => {
    const [x, y] = [Math.log(a.width) - center, Math.log(b.width) - center];
    const program = a.program === b.program;
    const environment = a.environment === b.environment;
    const kind = a.kind === b.kind;
    let [level, slope, bend] = [0, v.anySlope, kind ? v.kindBend : 0];
    if (environment) [level, slope, bend] = [v.environmentLevel, slope + v.environmentSlope, bend + v.environmentBend];
    if (program) level += v.sizeSlope * Math.log(a.size) * Math.log(b.size);
    if (program && kind) [level, slope, bend] = [level + v.programLevel, slope + v.programSlope, bend + v.programBend];
    if (program && environment) [level, bend] = [level + v.hereLevel, bend + v.hereBend];
    if (sameCurve(a, b)) [level, slope, bend] = [level + v.curveLevel, slope + v.curveSlope, bend + v.curveBend];
    return level + slope * x * y + bend * Math.exp(-(((x - y) / v.length) ** 2) / 2);
  };
}
