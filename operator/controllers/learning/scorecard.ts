/** How good predictions were: error and coverage of the latest runs, beside those of the walltimes. */
import type { Quantiles } from '../../../predictors/run.ts';

/** Runs that are judged together. */
const WINDOW = 2000;

type Judged = { readonly error: number; readonly userError: number | undefined; readonly covered: boolean };

export type Score = {
  readonly judged: number;
  /** Mean |log10(q50 / actual)|, and the same of the walltimes, of those that had one. */
  readonly error: number;
  readonly userError?: number;
  /** Share of runs at or below their q90. */
  readonly coverage: number;
};

const apart = (predicted: number, actual: number) => Math.abs(Math.log10(Math.max(1, predicted) / Math.max(1, actual)));

export class Scorecard {
  readonly #latest: Judged[] = [];

  /** A run took so many seconds. */
  judge({ q50, q90 }: Pick<Quantiles, 'q50' | 'q90'>, seconds: number, limit: number | undefined): void {
    this.#latest.push({
      error: apart(q50, seconds),
      userError: limit === undefined ? undefined : apart(limit, seconds),
      covered: seconds <= q90,
    });
    if (this.#latest.length > WINDOW) this.#latest.shift();
  }

  /** Undefined before the first run. */
  get score(): Score | undefined {
    const judged = this.#latest.length;
    if (judged === 0) return undefined;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const ofUsers = this.#latest.flatMap(({ userError }) => userError ?? []);
    return {
      judged,
      error: mean(this.#latest.map(({ error }) => error)),
      ...(ofUsers.length > 0 && { userError: mean(ofUsers) }),
      coverage: mean(this.#latest.map(({ covered }) => Number(covered))),
    };
  }
}
