/** Has the models fitted now and then, in a thread of their own, and hands over what was learned. */
import type { FittedState, TrainingSet } from '../../../predictors/runtime/model.ts';
import { isRefitDue } from '../../../predictors/runtime/pace.ts';
import type { RuntimePredictor } from '../../../predictors/runtime/predictor.ts';
import { messageOf } from '../../kube/errors.ts';
import type { Clock, Log } from '../../kube/ports.ts';

/** Fits every model, from what it learned before where it can go on from that; rejects where one cannot be. */
export type Fit = (set: TrainingSet, seed: number, from: readonly FittedState[]) => Promise<Fits>;
type Fits = { readonly states: readonly FittedState[]; readonly backend: string };

export type TrainerReport = {
  /** Refits so far. */
  readonly version: number;
  readonly backend: string;
  /** Seconds since the epoch, and how many it took. */
  readonly last?: { readonly at: number; readonly seconds: number };
};

/** Seconds that must lie between two refits, however much was learned. */
const PAUSE = 30;

export class Trainer {
  readonly #fit: Fit;
  readonly #clock: Clock;
  readonly #log: Log;
  #report: TrainerReport = { version: 0, backend: 'none' };
  #states: readonly FittedState[] = [];
  #fitted = 0;
  #triedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(fit: Fit, clock: Clock, log: Log) {
    this.#fit = fit;
    this.#clock = clock;
    this.#log = log;
  }

  get report(): TrainerReport {
    return this.#report;
  }

  /** Begins a refit where enough runs, of `runs` learned from, have ended since the last; does not wait for it. */
  refitIfDue(predictor: RuntimePredictor, runs: number): void {
    const now = this.#clock.monotonic() / 1000;
    if (now - this.#triedAt < PAUSE) return;
    this.refitNow(predictor, runs);
  }

  /** The same without a pause between two refits, for whoever learns a whole history at once. */
  refitNow(predictor: RuntimePredictor, runs: number): void {
    if (this.#running || !isRefitDue(runs, this.#fitted)) return;
    this.#triedAt = this.#clock.monotonic() / 1000;
    this.#running = this.#refit(predictor, runs).finally(() => (this.#running = undefined));
  }

  /** The refit under way, if one is. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #refit(predictor: RuntimePredictor, runs: number): Promise<void> {
    const began = this.#clock.monotonic();
    try {
      const { states, backend } = await this.#fit(predictor.trainingSet(), this.#report.version + 1, this.#states);
      predictor.adopt(states);
      this.#states = states;
      const seconds = (this.#clock.monotonic() - began) / 1000;
      const last = { at: this.#clock.now() / 1000, seconds };
      this.#report = { version: this.#report.version + 1, backend, last };
      this.#fitted = runs;
      this.#log.info('the models are fitted', { runs, backend, seconds });
    } catch (error) {
      this.#log.warn('the models could not be fitted; those from before are kept', { error: messageOf(error) });
    }
  }
}
