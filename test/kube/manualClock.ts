import type { Clock } from '../../operator/kube/ports.ts';

/** A clock that moves only when told; timers run, in their order, while it moves. */
export class ManualClock implements Clock {
  /** Wall time may be set apart from monotonic time, also back. */
  wall = Date.UTC(2030, 0, 1);
  /** Timers set so far. */
  armed = 0;
  #monotonic = 0;
  readonly #timers = new Set<{ due: number; callback: () => void }>();

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { due: this.#monotonic + delay, callback };
    this.armed += 1;
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(by: number): void {
    const end = this.#monotonic + by;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#set(Math.max(this.#monotonic, next.due));
      next.callback();
    }
    this.#set(end);
  }

  /** Time passes, but no timer runs: as in a process that was stopped. */
  skip(by: number): void {
    this.#set(this.#monotonic + by);
  }

  #set(to: number): void {
    this.wall += to - this.#monotonic;
    this.#monotonic = to;
  }

  #next(end: number): { due: number; callback: () => void } | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end);
    return due.reduce<{ due: number; callback: () => void } | undefined>(
      (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
      undefined,
    );
  }
}
