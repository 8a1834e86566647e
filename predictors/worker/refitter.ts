/** Learns in a thread of its own, one refit at a time: whatever happens there, the caller keeps the model that it has. */
import { SHARE_ENV } from 'node:worker_threads';
import type { BackendOptions } from '../backend/backend.ts';
import type { NetOptions } from '../net/net.ts';
import type { TrainingSet } from '../runtime/model.ts';
import { MODELS } from '../runtime/models.ts';
import { inThread, type Thread } from './inThread.ts';
import type { Answer, RefitOptions, Refitted, Task } from './messages.ts';

/** How a refit ended. Only `fitted` brings anything new. */
export type RefitOutcome =
  | ({ readonly kind: 'fitted' } & Refitted)
  /** Newer rows came before it began. */
  | { readonly kind: 'superseded' }
  /** `refused`: the thread said why; `crashed`: it ended without a word; `hung`: it did not end in time. */
  | { readonly kind: 'refused' | 'crashed' | 'hung'; readonly message: string }
  | { readonly kind: 'closed' };

export type RefitterOptions = {
  /** Names of the models to fit. Default: those in use. */
  readonly models?: readonly string[];
  readonly backend?: BackendOptions;
  readonly net?: NetOptions;
  /** Milliseconds that a refit may take before its thread is ended. Default ten minutes. */
  readonly limit?: number;
  /** Milliseconds between a failed refit and the next: `first`, doubled with every further failure up to `most`. */
  readonly backoff?: { readonly first: number; readonly most: number };
  /** MiB of JavaScript heap that the thread may use; tensors and rows are outside of it. */
  readonly heap?: number;
  /** The thread's program, for tests. */
  readonly program?: URL;
};

const DEFAULTS = {
  limit: 600_000,
  backoff: { first: 1_000, most: 300_000 },
  heap: 512,
  models: MODELS.map(({ name }) => name),
};
const PROGRAM = new URL('./thread.ts', import.meta.url);

type Request = {
  readonly set: TrainingSet;
  readonly options: RefitOptions;
  readonly resolve: (outcome: RefitOutcome) => void;
};

/** Ends of refits since the start, by kind. */
export type RefitCounts = Readonly<Record<RefitOutcome['kind'], number>>;

export class Refitter {
  readonly #options: RefitterOptions & Required<Pick<RefitterOptions, keyof typeof DEFAULTS>>;
  readonly #counts = { fitted: 0, superseded: 0, refused: 0, crashed: 0, hung: 0, closed: 0 };
  #waiting: Request | undefined;
  #running: Promise<void> | undefined;
  #thread: Thread<Answer> | undefined;
  #pause: NodeJS.Timeout | undefined;
  /** Failures since the last success. */
  #failures = 0;
  #closed = false;

  constructor(options: RefitterOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  get counts(): RefitCounts {
    return { ...this.#counts };
  }

  /**
   * Learns from `set`, after the refit under way and after the pause that a failure is followed by; if another call comes before
   * that, this one ends as `superseded`. Never rejects. The set's arrays are handed to the thread: afterwards they are empty here.
   */
  refit(set: TrainingSet, options: RefitOptions): Promise<RefitOutcome> {
    const { promise, resolve } = Promise.withResolvers<RefitOutcome>();
    const request: Request = {
      set,
      options,
      resolve: (outcome) => {
        this.#counts[outcome.kind] += 1;
        resolve(outcome);
      },
    };
    if (this.#closed) request.resolve({ kind: 'closed' });
    else {
      this.#waiting?.resolve({ kind: 'superseded' });
      this.#waiting = request;
      this.#next();
    }
    return promise;
  }

  /** The same for a caller that counts whatever brings no models as a failure: rejects with an Error that says how it ended. */
  async fitAll(set: TrainingSet, seed: number, from?: RefitOptions['from']): Promise<Refitted> {
    const outcome = await this.refit(set, { seed, ...(from && { from }) });
    if (outcome.kind === 'fitted') return outcome;
    throw new Error(`the refit was ${outcome.kind}${'message' in outcome ? `: ${outcome.message}` : ''}`);
  }

  /** Ends the refit under way and waits until its thread is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#pause);
    this.#waiting?.resolve({ kind: 'closed' });
    this.#waiting = undefined;
    await this.#thread?.terminate();
    await this.#running;
  }

  #next(): void {
    if (this.#running || this.#pause || this.#closed || !this.#waiting) return;
    const request = this.#waiting;
    this.#waiting = undefined;
    this.#running = this.#run(request);
  }

  async #run({ set, options, resolve }: Request): Promise<void> {
    const outcome = await this.#inThread(set, options);
    if (outcome.kind === 'fitted') this.#failures = 0;
    else this.#rest();
    this.#running = undefined;
    resolve(this.#closed && outcome.kind !== 'fitted' ? { kind: 'closed' } : outcome);
    this.#next();
  }

  /** No refit for a while: a thread that crashes at once must not be started again and again. */
  #rest(): void {
    if (this.#closed) return;
    const { first, most } = this.#options.backoff;
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        this.#next();
      },
      Math.min(most, first * 2 ** this.#failures),
    );
    this.#pause.unref();
    this.#failures += 1;
  }

  /** Resolves when the thread is gone. */
  async #inThread(set: TrainingSet, options: RefitOptions): Promise<RefitOutcome> {
    const { backend = {}, net = {}, models, limit, heap, program = PROGRAM } = this.#options;
    const task: Task = { set, options, models, backend, net };
    const thread = inThread<Answer>(program, task, {
      limit,
      transferList: buffersOf(set),
      resourceLimits: { maxOldGenerationSizeMb: heap },
      // The native library reads the process's environment, not the thread's copy of it.
      env: SHARE_ENV,
    });
    this.#thread = thread;
    const end = await thread.gone;
    this.#thread = undefined;
    if (end.kind === 'answered') return end.answer;
    return { kind: end.kind === 'unstarted' ? 'refused' : end.kind, message: end.message };
  }
}

/** Each once: two arrays may be parts of one buffer. */
function buffersOf({ rows, targets, quick, censored, weights }: TrainingSet): ArrayBuffer[] {
  const all = [rows, targets, quick, censored, weights].map(({ buffer }) => buffer);
  return [...new Set(all)].filter((buffer) => buffer instanceof ArrayBuffer);
}
