/** Plays histories in a thread of its own, one at a time: whatever happens there, planning goes on. */
import { Worker } from 'node:worker_threads';
import type { PlayAnswer, PlayOutcome, PlayTask } from './messages.ts';

export type PlayerOptions = {
  /** Milliseconds that a search may take before its thread is ended. Default half an hour. */
  readonly limit?: number;
  /** MiB of JavaScript heap that the thread may use. */
  readonly heap?: number;
  /** The thread's program, for tests. */
  readonly program?: URL;
};

const DEFAULTS = { limit: 1_800_000, heap: 256, program: new URL('./thread.ts', import.meta.url) };

/** MiB of the heap's young generation: left to itself it takes a hundred for what lives a moment. */
const YOUNG = 16;

export class Player {
  readonly #options: Required<PlayerOptions>;
  #worker: Worker | undefined;
  #running: Promise<PlayOutcome> | undefined;
  #closed = false;

  constructor(options: PlayerOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Plays when the search under way is over. Never rejects. */
  async play(task: PlayTask): Promise<PlayOutcome> {
    while (this.#running) await this.#running;
    if (this.#closed) return CLOSED;
    this.#running = this.#inThread(task);
    const outcome = await this.#running;
    this.#running = undefined;
    return this.#closed ? CLOSED : outcome;
  }

  /** Ends the search under way and waits until its thread is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    await this.#running;
  }

  /** Resolves when the thread is gone. */
  async #inThread(task: PlayTask): Promise<PlayOutcome> {
    const { limit, heap, program } = this.#options;
    const began = performance.now();
    const { promise, resolve } = Promise.withResolvers<PlayOutcome>();
    try {
      const worker = new Worker(program, {
        workerData: task,
        resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: YOUNG },
      });
      this.#worker = worker;
      let outcome: PlayOutcome = { kind: 'crashed', message: 'the thread ended without a word' };
      const timer = setTimeout(() => {
        outcome = { kind: 'hung', message: `no end within ${limit / 1000} s` };
        void worker.terminate();
      }, limit);
      worker.once('message', (answer: PlayAnswer) => {
        outcome = { ...answer, seconds: (performance.now() - began) / 1000 };
      });
      worker.once('error', (error) => (outcome = { kind: 'crashed', message: messageOf(error) }));
      worker.once('exit', () => {
        clearTimeout(timer);
        this.#worker = undefined;
        resolve(outcome);
      });
    } catch (error) {
      resolve({ kind: 'crashed', message: messageOf(error) });
    }
    return await promise;
  }
}

const CLOSED: PlayOutcome = { kind: 'closed', message: 'the replica ends' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
