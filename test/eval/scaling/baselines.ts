/** What a point's own curve says of it: the mean of the others, the log-log line, and Amdahl's law with communication. */
import { cholesky, choleskySolve, triangle } from '../../../predictors/numeric/solve.ts';
import type { WidthPoint } from '../../../predictors/scaling/point.ts';
import { mean } from '../metrics.ts';

/** Seconds at a width from points of the same curve at other widths. */
type Baseline = (others: readonly WidthPoint[], width: number) => number;

export const meanOfOthers: Baseline = (others) => mean(others.map(({ seconds }) => seconds));

export const logLogLine: Baseline = (others, width) => {
  const x = others.map((point) => Math.log(point.width));
  const y = others.map((point) => Math.log(point.seconds));
  const [mx, my] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope =
    spread === 0 ? 0 : x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0) / spread;
  return Math.exp(my + slope * (Math.log(width) - mx));
};

/** Serial, parallel and communication time over the width. */
const TERMS = [() => 1, (n: number) => 1 / n, (n: number) => n, (n: number) => Math.log2(n)] as const;
/** Index sets of terms that may be fitted to some points: never more terms than points. */
const FORMS = [[0], [1], [0, 1], [1, 2], [0, 2], [1, 3], [0, 1, 2], [0, 1, 3]];

/** Relative least squares of one form; undefined where a coefficient would be negative, which no time is. */
function fitted(others: readonly WidthPoint[], form: readonly number[]): ((width: number) => number) | undefined {
  const rows = others.map(({ width, seconds }) =>
    form.map((term) => (TERMS[term] as (n: number) => number)(width) / seconds),
  );
  const product = (i: number, j: number) => rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0);
  const normal = triangle(form.length, (i, j) => product(i, j) * (i === j ? 1 + 1e-9 : 1));
  const right = form.map((_, i) => rows.reduce((sum, row) => sum + (row[i] as number), 0));
  const coefficients = choleskySolve(cholesky(normal), right);
  if (coefficients.some((value) => value < 0)) return undefined;
  return (width) =>
    form.reduce((sum, term, i) => sum + (coefficients[i] as number) * (TERMS[term] as (n: number) => number)(width), 0);
}

/** a + b / n + c n or c log n: the form that tells each known width best from the others; of one point, that point. */
export const amdahlWithCommunication: Baseline = (others, width) => {
  const scored = FORMS.filter((form) => form.length < others.length).flatMap((form) => {
    const model = fitted(others, form);
    if (model === undefined) return [];
    const errors = others.map((point, i) => {
      const held = fitted(others.toSpliced(i, 1), form);
      return held === undefined ? 1 : Math.abs(Math.log(held(point.width) / point.seconds));
    });
    return [{ model, error: mean(errors) }];
  });
  const [first, ...rest] = scored;
  if (first === undefined) return meanOfOthers(others, width);
  return rest.reduce((best, one) => (one.error < best.error ? one : best), first).model(width);
};
