/** Predictors of one trace side by side, as text. */
import type { Errors } from './metrics.ts';

const WIDTHS = [18, 8, 9, 8, 8, 8, 8] as const;

const cells = (values: readonly string[]): string =>
  values.map((value, i) => (i === 0 ? value.padEnd(WIDTHS[0]) : value.padStart(WIDTHS[i] ?? 0))).join(' ');

export const HEADER = cells(['predictor', 'MAE s', 'median AE', 'acc', 'MALE', 'under', 'R2']);

export function row(name: string, { mae, medianAe, acc, male, under, r2 }: Errors): string {
  const figures = [
    mae.toFixed(0),
    medianAe.toFixed(0),
    acc.toFixed(4),
    male.toFixed(4),
    under.toFixed(3),
    r2.toFixed(3),
  ];
  return cells([name, ...figures]);
}
