/** Errors of power, slowdown and energy of one method over folds. */
import type { CapSample, Effect } from '../../../predictors/energy/sample.ts';
import { quantile } from '../../bench/stats.ts';
import { mean } from '../metrics.ts';
import type { Method } from './baselines.ts';
import type { Fold } from './folds.ts';

/** A row and what was said of it. */
export type Judged = { readonly fold: string; readonly row: CapSample; readonly said: Effect };

export const judged = (folds: readonly Fold[], method: Method): readonly Judged[] =>
  folds.flatMap(({ name, train, test }) => {
    const predict = method.fit(train);
    return test.map((row) => ({ fold: name, row, said: predict(row) }));
  });

export type Errors = {
  readonly rows: number;
  /** Means of |predicted / true − 1|. */
  readonly power: number;
  readonly slowdown: number;
  readonly energy: number;
  readonly energyP90: number;
};

export function errorsOf(all: readonly Judged[]): Errors {
  const relative = (of: (effect: Effect) => number) => all.map(({ row, said }) => Math.abs(of(said) / of(row) - 1));
  const energy = relative(({ watts, slowdown }) => watts * slowdown);
  return {
    rows: all.length,
    power: mean(relative(({ watts }) => watts)),
    slowdown: mean(relative(({ slowdown }) => slowdown)),
    energy: mean(energy),
    energyP90: quantile(energy, 0.9),
  };
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

export const HEADER = `${''.padEnd(52)}${['rows', 'power', 'slowdown', 'energy', 'energy p90'].map((name) => name.padStart(11)).join('')}`;

export const text = (name: string, errors: Errors): string =>
  `${name.padEnd(52)}${[String(errors.rows), percent(errors.power), percent(errors.slowdown), percent(errors.energy), percent(errors.energyP90)].map((cell) => cell.padStart(11)).join('')}`;
