/** Wakes one sleeper: when changes have gone quiet, but no later than a moment after the first of them, or when its time is over. */
import type { Clock } from '../kube/ports.ts';

/** After a change it waits this long for more of them, and no longer than `MAX_DELAY` in all. Milliseconds. */
const IDLE_DELAY = 10;
const MAX_DELAY = 100;

export class Alarm {
  readonly #clock: Clock;
  #firstChange: number | undefined;
  #cancelIdle: (() => void) | undefined;
  /** Changes have gone quiet while nobody slept. */
  #rings = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has changed. */
  changed(): void {
    const now = this.#clock.monotonic();
    this.#firstChange ??= now;
    this.#cancelIdle?.();
    const delay = Math.max(0, Math.min(IDLE_DELAY, this.#firstChange + MAX_DELAY - now));
    this.#cancelIdle = this.#clock.after(delay, () => {
      this.#firstChange = undefined;
      this.#rings = true;
      this.#wake?.();
    });
  }

  /** Sleeps until it rings, `limit` milliseconds at most; ends early when `signal` aborts. */
  async sleep(limit: number, signal: AbortSignal): Promise<void> {
    if (!this.#rings && !signal.aborted) await this.#sleep(limit, signal);
    this.#rings = false;
  }

  #sleep(limit: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#clock.after(limit, done);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
