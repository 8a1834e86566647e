/**
 * Quantiles that hold: each is set by the quantile of the latest residuals (online split conformal prediction), at a
 * level that follows the coverage reached (adaptive conformal inference: Gibbs and Candès, 2021). Residuals are told in
 * widths of the guess (Lei et al., "Distribution-free predictive inference for regression", 2018): an expert that
 * becomes surer of itself is not corrected by what was needed before.
 */
import { type Guess, MEDIAN } from './distribution.ts';
import { LEVELS } from './model.ts';
import { SlidingQuantile } from './slidingQuantile.ts';

/** Residuals that are looked back on: so many, and of few runs a share, for what is told first is soon told otherwise. */
const WINDOW = 2000;
const LATEST = 0.7;

/** Fewer residuals move nothing. */
const FEW = 30;

/** Step of the level for one run covered or not. */
const STEP = 0.005;

/** How far the level may go from its nominal one. */
const FARTHEST = 0.08;

/** A residual is at most this far off, in widths: nobody's lie moves a quantile beyond. */
const MOST = 12;

/** No guess is taken to be surer of itself, log seconds. */
const LEAST_WIDTH = 0.03;

/** How far a quantile is told from the median, log seconds. */
const widthOf = (guess: Guess, head: number): number =>
  Math.max(LEAST_WIDTH, Math.abs((guess[head] as number) - (guess[MEDIAN] as number)));

export type SavedCalibration = {
  readonly runs: number;
  readonly levels: readonly number[];
  readonly residuals: readonly { readonly values: readonly number[]; readonly weights: readonly number[] }[];
};

export class Calibration {
  readonly #residuals = LEVELS.map(() => new SlidingQuantile(WINDOW));
  #levels: number[] = [...LEVELS];
  #runs = 0;
  /** How many widths from the median each quantile stands. */
  #factors: Float64Array | undefined;

  /** The guess, corrected: from the median, which stays, quantiles never come nearer than their inner neighbours. */
  correct(guess: Guess): Guess {
    const factors = (this.#factors ??= this.#factorsNow());
    const corrected = guess.slice();
    for (let head = 0; head < LEVELS.length; head++) {
      corrected[head] = (guess[MEDIAN] as number) + (factors[head] as number) * widthOf(guess, head);
    }
    for (let head = MEDIAN - 1; head >= 0; head--) {
      corrected[head] = Math.min(corrected[head] as number, corrected[head + 1] as number);
    }
    for (let head = MEDIAN + 1; head < LEVELS.length; head++) {
      corrected[head] = Math.max(corrected[head] as number, corrected[head - 1] as number);
    }
    return corrected;
  }

  /** A run took `log`; it had been guessed raw, and told corrected and cut to `most`. `weight`: what the run may teach. */
  learn(log: number, raw: Guess, told: Guess, most: number, weight: number): void {
    this.#runs++;
    for (const [head, level] of LEVELS.entries()) {
      const residual = Math.max(-MOST, Math.min(MOST, (log - (raw[MEDIAN] as number)) / widthOf(raw, head)));
      const residuals = this.#residuals[head] as SlidingQuantile;
      residuals.add(residual, weight);
      if (residuals.size > Math.max(FEW, LATEST * this.#runs)) residuals.drop();
      const isCovered = log <= Math.min(most, told[head] as number) + 1e-9;
      const moved = (this.#levels[head] as number) + weight * STEP * (level - (isCovered ? 1 : 0));
      this.#levels[head] = Math.max(level - FARTHEST, Math.min(level + FARTHEST, moved, 0.995));
    }
    this.#factors = undefined;
  }

  save(): SavedCalibration {
    return {
      runs: this.#runs,
      levels: [...this.#levels],
      residuals: this.#residuals.map((residuals) => residuals.values()),
    };
  }

  static load({ runs, levels, residuals }: SavedCalibration): Calibration {
    const calibration = new Calibration();
    calibration.#runs = runs;
    calibration.#levels = [...levels];
    for (const [head, { values, weights }] of residuals.entries()) {
      for (const [index, value] of values.entries()) calibration.#residuals[head]?.add(value, weights[index]);
    }
    return calibration;
  }

  #factorsNow(): Float64Array {
    return Float64Array.from(LEVELS, (_, head) => {
      const residuals = this.#residuals[head] as SlidingQuantile;
      // The median is not moved: it is where the least |log| error is, and a shift costs more than its bias does.
      if (head === MEDIAN || residuals.size < FEW) return Math.sign(head - MEDIAN);
      return residuals.quantile(this.#levels[head] as number);
    });
  }
}
