/**
 * Quantiles that hold: each is moved by the quantile of the latest residuals (online split conformal prediction), at a
 * level that follows the coverage reached (adaptive conformal inference: Gibbs and Candès, 2021).
 */
import { type Guess, MEDIAN } from './distribution.ts';
import { LEVELS } from './model.ts';
import { SlidingQuantile } from './slidingQuantile.ts';

/** Residuals that are looked back on. */
const WINDOW = 2000;

/** Fewer residuals move nothing. */
const FEW = 30;

/** Step of the level for one run covered or not. */
const STEP = 0.005;

/** How far the level may go from its nominal one. */
const FARTHEST = 0.08;

/** A residual is at most this far off, in log seconds: nobody's lie moves a quantile beyond. */
const MOST = 8;

export type SavedCalibration = {
  readonly levels: readonly number[];
  readonly residuals: readonly { readonly values: readonly number[]; readonly weights: readonly number[] }[];
};

export class Calibration {
  readonly #residuals = LEVELS.map(() => new SlidingQuantile(WINDOW));
  #levels: number[] = [...LEVELS];
  #offsets: Float64Array | undefined;

  /** The guess, corrected: from the median, which stays, quantiles never come nearer than their inner neighbours. */
  correct(guess: Guess): Guess {
    const offsets = (this.#offsets ??= this.#offsetsNow());
    const corrected = guess.slice();
    for (let head = 0; head < LEVELS.length; head++)
      corrected[head] = (guess[head] as number) + (offsets[head] as number);
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
    for (const [head, level] of LEVELS.entries()) {
      const residual = Math.max(-MOST, Math.min(MOST, log - (raw[head] as number)));
      this.#residuals[head]?.add(residual, weight);
      const isCovered = log <= Math.min(most, told[head] as number) + 1e-9;
      const moved = (this.#levels[head] as number) + weight * STEP * (level - (isCovered ? 1 : 0));
      this.#levels[head] = Math.max(level - FARTHEST, Math.min(level + FARTHEST, moved, 0.995));
    }
    this.#offsets = undefined;
  }

  save(): SavedCalibration {
    return { levels: [...this.#levels], residuals: this.#residuals.map((residuals) => residuals.values()) };
  }

  static load({ levels, residuals }: SavedCalibration): Calibration {
    const calibration = new Calibration();
    calibration.#levels = [...levels];
    for (const [head, { values, weights }] of residuals.entries()) {
      for (const [index, value] of values.entries()) calibration.#residuals[head]?.add(value, weights[index]);
    }
    return calibration;
  }

  #offsetsNow(): Float64Array {
    return Float64Array.from(LEVELS, (_, head) => {
      const residuals = this.#residuals[head] as SlidingQuantile;
      // The median is not moved: it is where the least |log| error is, and a shift costs more than its bias does.
      return head === MEDIAN || residuals.size < FEW ? 0 : residuals.quantile(this.#levels[head] as number);
    });
  }
}
