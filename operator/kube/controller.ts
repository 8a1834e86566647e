import { randomUUID } from 'node:crypto';
import { ApiError, messageOf } from './errors.ts';
import type { Clock, ControllerMeter, Log, Meter, ReconcileOutcome } from './ports.ts';
import { noMeter, silentLog, systemClock } from './ports.ts';
import type { Delta, Store } from './store.ts';
import type { Key, KubeObject } from './types.ts';
import { WorkQueue, type WorkQueueOptions } from './workqueue.ts';

/** Thrown by a reconcile: trying again without a change of the object is useless. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export type ReconcileContext = {
  /** Names this one reconcile in every log line. */
  reconcileID: string;
  /** Adds controller, key and reconcileID to each line. */
  log: Log;
  /** Aborts at shutdown and at the reconcile's own time limit: pass it to every call. */
  signal: AbortSignal;
};

/** `requeueAfter`: milliseconds until the key is looked at again, whatever happens. Nothing: all is as it should be. */
export type ReconcileResult = { requeueAfter: number } | undefined;

/** Brings the world nearer to what the object `key` asks for. It is told no event: it looks at what is. */
export type Reconcile = (key: Key, context: ReconcileContext) => Promise<ReconcileResult>;

export type ControllerOptions = {
  name: string;
  reconcile: Reconcile;
  /** Keys worked on at the same time; one key is never worked on twice at a time. Default 1. */
  concurrency?: number;
  /** Milliseconds of one reconcile, after which its signal aborts. Default 120,000. */
  timeout?: number;
  queue?: Omit<WorkQueueOptions, 'name' | 'clock' | 'meter'>;
  clock?: Clock;
  log?: Log;
  meter?: Meter;
};

/** Turns changes into keys, and keys into reconciles: one per key at a time, tried again with growing delay after an error. */
export class Controller {
  readonly #name: string;
  readonly #reconcile: Reconcile;
  readonly #concurrency: number;
  readonly #timeout: number;
  readonly #queue: WorkQueue;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #meter: ControllerMeter;
  readonly #stores: { isSynced: boolean; synced: Promise<void> }[] = [];
  readonly #unsubscribe: (() => void)[] = [];
  #busy = 0;

  constructor(options: ControllerOptions) {
    this.#name = options.name;
    this.#reconcile = options.reconcile;
    this.#concurrency = options.concurrency ?? 1;
    this.#timeout = options.timeout ?? 120_000;
    this.#clock = options.clock ?? systemClock;
    this.#log = (options.log ?? silentLog).child({ controller: options.name });
    const meter = options.meter ?? noMeter;
    this.#meter = meter.controller(options.name, this.#concurrency);
    this.#queue = new WorkQueue({ ...options.queue, name: options.name, clock: this.#clock, meter });
  }

  /** Every change in `store` enqueues the keys that `keys` names; by default the object's own. Workers wait until it is synced. */
  watches<T extends KubeObject, I extends string>(
    store: Store<T, I>,
    keys: (delta: Delta<T>) => Iterable<Key> = ({ key }) => [key],
  ): this {
    this.#stores.push(store);
    const unsubscribe = store.subscribe((delta) => {
      for (const key of keys(delta)) this.#queue.add(key);
    });
    this.#unsubscribe.push(unsubscribe);
    return this;
  }

  enqueue(key: Key): void {
    this.#queue.add(key);
  }

  /** Enqueues after `delay` milliseconds. */
  enqueueAfter(key: Key, delay: number): void {
    this.#queue.addAfter(key, delay);
  }

  /** Works until `signal` aborts and every reconcile under way has ended. Runs once. */
  async run(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const stop = (): void => {
      this.#queue.shutDown();
      aborted.resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await Promise.race([Promise.all(this.#stores.map((store) => store.synced)), aborted.promise]);
    await Promise.all(Array.from({ length: this.#concurrency }, () => this.#work(signal)));
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const key = await this.#queue.next();
      if (key === undefined || signal.aborted) return;
      this.#meter.active(++this.#busy);
      await this.#once(key, signal);
      this.#meter.active(--this.#busy);
      this.#queue.done(key);
    }
  }

  /** One reconcile of one key. Never throws: an error is the key's, not the worker's. */
  async #once(key: Key, shutdown: AbortSignal): Promise<void> {
    const reconcileID = randomUUID();
    const log = this.#log.child({ key, reconcileID });
    const began = this.#clock.monotonic();
    const limit = new AbortController();
    const onShutdown = (): void => limit.abort(shutdown.reason);
    shutdown.addEventListener('abort', onShutdown, { once: true });
    const cancel = this.#clock.after(this.#timeout, () => limit.abort(new ReconcileTimeout(this.#name, this.#timeout)));
    try {
      const result = await this.#reconcile(key, { reconcileID, log, signal: limit.signal });
      this.#queue.forget(key);
      if (result !== undefined) this.#queue.addAfter(key, result.requeueAfter);
      this.#count(result === undefined ? 'success' : 'requeue_after', began);
    } catch (error) {
      this.#failed(key, error, { log, began, stopped: shutdown.aborted });
    } finally {
      cancel();
      shutdown.removeEventListener('abort', onShutdown);
    }
  }

  #failed(key: Key, error: unknown, { log, began, stopped }: { log: Log; began: number; stopped: boolean }): void {
    if (stopped) {
      log.debug('a reconcile ended at shutdown', { error: messageOf(error) });
      return;
    }
    const outcome = outcomeOf(error);
    const fields = { outcome, failures: this.#queue.failures(key) + 1, error: messageOf(error) };
    log.error(
      'a reconcile failed',
      outcome === 'panic' && error instanceof Error ? { ...fields, stack: error.stack } : fields,
    );
    this.#count(outcome, began);
    if (outcome === 'terminal_error') this.#queue.forget(key);
    else this.#queue.addRateLimited(key, error instanceof ApiError ? error.retryAfter : 0);
  }

  #count(outcome: ReconcileOutcome, began: number): void {
    this.#meter.reconciled(outcome, (this.#clock.monotonic() - began) / 1000);
  }
}

class ReconcileTimeout extends Error {
  override readonly name = 'ReconcileTimeout';
  constructor(controller: string, timeout: number) {
    super(`a reconcile of ${controller} took longer than ${timeout} ms`);
  }
}

function outcomeOf(error: unknown): ReconcileOutcome {
  if (error instanceof TerminalError) return 'terminal_error';
  if (error instanceof ReconcileTimeout) return 'timeout';
  // What the language throws by itself is a mistake in the program: the same that controller-runtime counts as a panic.
  const mistakes = [TypeError, ReferenceError, RangeError, SyntaxError];
  return mistakes.some((mistake) => error instanceof mistake) ? 'panic' : 'error';
}
