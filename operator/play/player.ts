/** Plays histories in a thread of its own, one at a time: whatever happens there, planning goes on. */
import { inThread, type Thread } from '../../predictors/worker/inThread.ts';
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
  #thread: Thread<PlayAnswer> | undefined;
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
    await this.#thread?.terminate();
    await this.#running;
  }

  /** Resolves when the thread is gone. */
  async #inThread(task: PlayTask): Promise<PlayOutcome> {
    const { limit, heap, program } = this.#options;
    const began = performance.now();
    const thread = inThread<PlayAnswer>(program, task, {
      limit,
      resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: YOUNG },
    });
    this.#thread = thread;
    const end = await thread.gone;
    this.#thread = undefined;
    if (end.kind === 'answered') return { ...end.answer, seconds: (performance.now() - began) / 1000 };
    return { kind: end.kind === 'unstarted' ? 'crashed' : end.kind, message: end.message };
  }
}

const CLOSED: PlayOutcome = { kind: 'closed', message: 'the replica ends' };
