import { DelayHeap } from './delayHeap.ts';
import type { Clock, Meter, QueueMeter } from './ports.ts';
import { noMeter, systemClock } from './ports.ts';
import { TokenBucket } from './tokenBucket.ts';

export type WorkQueueOptions = {
  name: string;
  clock?: Clock;
  meter?: Meter;
  /** Milliseconds of the first retry of a key; each further one doubles it, up to `maxDelay`. */
  baseDelay?: number;
  maxDelay?: number;
  /** All retries together: so many a second, and so many at once. */
  retryRate?: number;
  retryBurst?: number;
};

/**
 * Keys to be worked on, with the semantics of client-go: a key is in the queue at most once; a key that is added while a worker
 * has it comes back when that worker is done, never to a second worker at the same time.
 */
export class WorkQueue<K extends string = string> {
  readonly #clock: Clock;
  readonly #meter: QueueMeter;
  readonly #baseDelay: number;
  readonly #maxDelay: number;
  readonly #retries: TokenBucket;
  /** Keys that need work, with the time since when: in the queue, or waiting for their worker to be done. */
  readonly #dirty = new Map<K, number>();
  /** Keys that a worker has, with the time since when. */
  readonly #processing = new Map<K, number>();
  #ready: K[] = [];
  #head = 0;
  readonly #failures = new Map<K, number>();
  readonly #delayed = new DelayHeap<K>();
  /** The one delay of a key that counts; entries of the heap with another time are leftovers. */
  readonly #due = new Map<K, number>();
  #cancelTimer: (() => void) | undefined;
  readonly #waiting: ((key: K | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#baseDelay = options.baseDelay ?? 5;
    this.#maxDelay = options.maxDelay ?? 1_000_000;
    this.#retries = new TokenBucket(this.#clock, options.retryRate ?? 10, options.retryBurst ?? 100);
    this.#meter = (options.meter ?? noMeter).queue(options.name, () => this.#sample());
  }

  /** Keys ready for a worker. */
  get depth(): number {
    return this.#ready.length - this.#head;
  }

  add(key: K): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#meter.added();
    this.#dirty.set(key, this.#clock.monotonic());
    if (!this.#processing.has(key)) this.#offer(key);
  }

  /** Adds after `delay` milliseconds; of several delays of one key the earliest holds. */
  addAfter(key: K, delay: number): void {
    if (this.#closed) return;
    if (delay <= 0) {
      this.add(key);
      return;
    }
    const due = this.#clock.monotonic() + delay;
    const before = this.#due.get(key);
    if (before !== undefined && before <= due) return;
    this.#due.set(key, due);
    this.#delayed.push(key, due);
    this.#arm();
  }

  /** Adds a key that failed, later each time until `forget`. `atLeast`: milliseconds that the server asked to wait. */
  addRateLimited(key: K, atLeast = 0): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#meter.retried();
    const delay = Math.min(this.#maxDelay, this.#baseDelay * 2 ** failures);
    this.addAfter(key, Math.max(delay, this.#retries.reserve(), atLeast));
  }

  /** The key did well: its next failure counts as the first. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down and empty. The caller must call `done`. */
  next(): Promise<K | undefined> {
    const key = this.#take();
    if (key !== undefined || this.#closed) return Promise.resolve(key);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  done(key: K): void {
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    this.#meter.worked((this.#clock.monotonic() - since) / 1000);
    if (this.#dirty.has(key)) this.#offer(key);
  }

  /** Takes no more keys and drops delayed ones; what is queued is still handed out. */
  shutDown(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#due.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  #offer(key: K): void {
    this.#ready.push(key);
    const worker = this.#waiting.shift();
    if (worker !== undefined) worker(this.#take());
  }

  #take(): K | undefined {
    const key = this.#ready[this.#head];
    if (key === undefined) return undefined;
    this.#head += 1;
    // Amortised: the handed-out front is cut off once it is the larger half.
    if (this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    const now = this.#clock.monotonic();
    this.#meter.waited((now - (this.#dirty.get(key) ?? now)) / 1000);
    this.#dirty.delete(key);
    this.#processing.set(key, now);
    return key;
  }

  /** One timer, for the earliest delay. */
  #arm(): void {
    this.#cancelTimer?.();
    const first = this.#delayed.peek();
    if (first === undefined) return;
    this.#cancelTimer = this.#clock.after(Math.max(0, first.due - this.#clock.monotonic()), () => this.#release());
  }

  #release(): void {
    const now = this.#clock.monotonic();
    for (let first = this.#delayed.peek(); first !== undefined && first.due <= now; first = this.#delayed.peek()) {
      this.#delayed.pop();
      if (this.#due.get(first.key) !== first.due) continue;
      this.#due.delete(first.key);
      this.add(first.key);
    }
    this.#arm();
  }

  #sample(): { depth: number; unfinishedSeconds: number; longestRunningSeconds: number } {
    const now = this.#clock.monotonic();
    const ages = [...this.#processing.values()].map((since) => (now - since) / 1000);
    return {
      depth: this.depth,
      unfinishedSeconds: ages.reduce((sum, age) => sum + age, 0),
      longestRunningSeconds: ages.reduce((longest, age) => Math.max(longest, age), 0),
    };
  }
}
