/** Hands keys on at a bounded rate, each once however often it is added meanwhile, in the order in which they came. */
import type { Clock } from '../kube/ports.ts';
import { TokenBucket } from '../kube/tokenBucket.ts';

export class Trickle {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #period: number;
  readonly #release: (key: string) => void;
  readonly #held = new Set<string>();
  #cancel: (() => void) | undefined;

  /** `perSecond` keys go to `release` at most, on average; as many at once after a pause. */
  constructor(clock: Clock, perSecond: number, release: (key: string) => void) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, perSecond, perSecond);
    this.#period = 1000 / perSecond;
    this.#release = release;
  }

  add(key: string): void {
    this.#held.add(key);
    if (this.#cancel === undefined) this.#drain();
  }

  /** The key need not be handed on any more. */
  delete(key: string): void {
    this.#held.delete(key);
  }

  stop(): void {
    this.#cancel?.();
    this.#held.clear();
  }

  #drain(): void {
    this.#cancel = undefined;
    for (const key of this.#held) {
      if (!this.#bucket.tryTake()) {
        this.#cancel = this.#clock.after(this.#period, () => this.#drain());
        return;
      }
      this.#held.delete(key);
      this.#release(key);
    }
  }
}
