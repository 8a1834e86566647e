/**
 * Gives others a turn in long work. Promises alone do not: a chain of them that waits for nothing outside holds the event
 * loop until it ends, and with it leases, probes and watches.
 */
import type { Clock } from '../kube/ports.ts';

/** Milliseconds of work after which others get a turn. */
const BUDGET = 20;

export class Breath {
  readonly #clock: Clock;
  #since = Number.NEGATIVE_INFINITY;
  #turn: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Work begins now, after a pause. */
  begin(): void {
    this.#since = this.#clock.monotonic();
  }

  /** Whether the budget is spent. */
  get spent(): boolean {
    return this.#clock.monotonic() - this.#since >= BUDGET;
  }

  /** Resolves when others had their turn. All who ask meanwhile go on together, on one budget. */
  take(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        this.begin();
        resolve();
      });
    });
    return this.#turn;
  }

  /** Does `work` to its end, with breaths between its steps; answers what it returns. */
  async through<T>(work: Iterator<unknown, T>): Promise<T> {
    this.begin();
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (this.spent) await this.take();
    }
  }
}
