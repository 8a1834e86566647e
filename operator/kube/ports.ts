/** What this layer needs from outside: time, a log, a meter. Each has a plain default here, so that a test or a tool names only what it cares for. */

/** All figures in milliseconds. */
export type Clock = {
  /** Wall clock, since the epoch: only for what is written into objects. */
  now(): number;
  /** Never goes back, whatever happens to the wall clock: for every duration and deadline. */
  monotonic(): number;
  /** Calls `callback` once after `delay`; the answer cancels it. */
  after(delay: number, callback: () => void): () => void;
};

type LogFields = Record<string, unknown>;
export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log;
};

/** Durations in seconds, as Prometheus has them. */
export type Meter = {
  /** One HTTP request ended; `code` is the status, or `<error>` where no answer came. A watch counts once, when its headers arrive. */
  request(sample: { code: string; method: string; host: string; seconds: number }): void;
  /** Something arrived on the watch of `resource` (bookmarks included), at `epochSeconds`. */
  watchEvent(resource: string, epochSeconds: number): void;
  /** `sample` is asked whenever the figures are read. */
  queue(name: string, sample: () => QueueSample): QueueMeter;
  controller(name: string, concurrency: number): ControllerMeter;
  leader(name: string): LeaderMeter;
};
export type QueueSample = { depth: number; unfinishedSeconds: number; longestRunningSeconds: number };
export type QueueMeter = {
  added(): void;
  retried(): void;
  /** A key left the queue after waiting this long. */
  waited(seconds: number): void;
  worked(seconds: number): void;
};
export type ReconcileOutcome = 'success' | 'requeue_after' | 'error' | 'terminal_error' | 'panic' | 'timeout';
export type ControllerMeter = {
  reconciled(outcome: ReconcileOutcome, seconds: number): void;
  /** Workers busy now. */
  active(workers: number): void;
};
export type LeaderMeter = {
  master(held: boolean): void;
  /** A renewal had to read the lease first. */
  slowPath(): void;
};

/** The longest delay of a timer, almost 25 days. */
const MAX_DELAY = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, callback) {
    // Node turns a longer delay into one of a millisecond. Whoever is woken early looks at the time and sleeps on.
    const timer = setTimeout(callback, Math.min(delay, MAX_DELAY));
    return () => clearTimeout(timer);
  },
};

const nothing = (): void => undefined;

export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLog,
};

export const noMeter: Meter = {
  request: nothing,
  watchEvent: nothing,
  queue: () => ({ added: nothing, retried: nothing, waited: nothing, worked: nothing }),
  controller: () => ({ reconciled: nothing, active: nothing }),
  leader: () => ({ master: nothing, slowPath: nothing }),
};

/** Waits; ends early, without an error, when `signal` aborts. The caller looks at the signal. */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(delay, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}
