/** Runs that wait in memory while the database does not answer: a bounded number, sent again ever more slowly. */
import type { Run } from '../../run.ts';
import type { HistoryLog } from '../history.ts';
import { isPassing, problemOf } from './errors.ts';

/** Runs of one attempt to send. */
const CHUNK = 500;

export type OutboxOptions = {
  /** Most runs that wait; with more the oldest are dropped. */
  readonly capacity: number;
  /** First and longest pause between two attempts, milliseconds; each pause is twice the one before. */
  readonly firstPause: number;
  readonly longestPause: number;
  readonly send: (runs: readonly Run[]) => Promise<unknown>;
  readonly log: HistoryLog;
};

export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Run[] = [];
  #dropped = 0;
  #pause: number;
  #timer: NodeJS.Timeout | undefined;
  /** The attempt to send that is under way. */
  #sending: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#pause = options.firstPause;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Runs lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps runs for later. `problem`: why they could not be stored now. */
  push(runs: readonly Run[], problem: string): void {
    const { capacity, log } = this.#options;
    if (this.#waiting.length === 0) {
      log.warn('the history in PostgreSQL is not reached: finished runs wait in memory', { problem, capacity });
    }
    this.#waiting.push(...runs);
    this.#drop(this.#waiting.length - capacity);
    this.#schedule();
  }

  /** Tries to send all that waits, at once; ends with the first attempt that fails. */
  async flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    await this.#sending;
  }

  /** Tries once more, then gives up: what still waits is dropped. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.size > 0) await this.flush();
    clearTimeout(this.#timer);
    this.#drop(this.size);
  }

  #drop(count: number): void {
    if (count <= 0) return;
    const lost = this.#waiting.splice(0, count);
    this.#dropped += lost.length;
    const [first] = lost;
    const run = first && `${first.uid} (attempt ${first.attempt})`;
    this.#options.log.warn('finished runs were dropped from the history', { runs: lost.length, first: run });
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, this.#pause);
    // A process that has nothing else to do may end: close() makes the last attempt.
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, this.#options.longestPause);
  }

  async #sendAll(): Promise<void> {
    const { send, log, firstPause } = this.#options;
    let sent = 0;
    while (this.#waiting.length > 0) {
      const chunk = this.#waiting.slice(0, CHUNK);
      try {
        await send(chunk);
        sent += chunk.length;
      } catch (error) {
        if (isPassing(error)) return this.#schedule();
        log.warn('PostgreSQL refuses finished runs', { problem: problemOf(error) });
        this.#drop(chunk.length);
        continue;
      }
      // Some may have been dropped meanwhile, from the front.
      const gone = new Set(chunk);
      this.#waiting = this.#waiting.filter((run) => !gone.has(run));
    }
    this.#pause = firstPause;
    log.info('the history in PostgreSQL is reached again', { sent, dropped: this.#dropped });
  }
}
