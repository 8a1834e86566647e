import type { Clock } from './ports.ts';

/** A signal that follows another one and adds a time limit. `AbortSignal.any` would keep each one alive as long as its parent. */
export class Deadline {
  readonly #clock: Clock;
  readonly #parent: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #onParent = (): void => this.#controller.abort(this.#parent?.reason);
  #cancel: (() => void) | undefined;
  /** The time ran out, and nothing else ended it. */
  expired = false;

  constructor(clock: Clock, parent: AbortSignal | undefined, timeout: number) {
    this.#clock = clock;
    this.#parent = parent;
    if (parent?.aborted === true) this.#onParent();
    else parent?.addEventListener('abort', this.#onParent, { once: true });
    this.extend(timeout);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The limit is `timeout` milliseconds from now. */
  extend(timeout: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(timeout, () => {
      this.expired = !this.signal.aborted;
      this.#controller.abort(new Error(`nothing for ${timeout} ms`));
    });
  }

  /** Must be called when the work is over. */
  end(): void {
    this.#cancel?.();
    this.#parent?.removeEventListener('abort', this.#onParent);
  }
}
