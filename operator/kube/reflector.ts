import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Client, Selection } from './client.ts';
import { ApiError, BadRequestError, GoneError, InvalidError, messageOf, NetworkError, SilenceError } from './errors.ts';
import { type Clock, type Log, type Meter, noMeter, silentLog, sleep, systemClock } from './ports.ts';
import { type Resource, resourceName } from './resource.ts';
import type { Store } from './store.ts';
import { type KubeObject, keyOf, type WatchEvent } from './types.ts';

export type ReflectorOptions<T extends KubeObject, I extends string> = {
  client: Client;
  resource: Resource<T>;
  store: Store<T, I>;
  /** Default: all there are. */
  selection?: Selection;
  /** Objects a page of a list. Default 500. */
  pageSize?: number;
  /** The server is asked to end a watch after a random time between these, in seconds. Default 240 to 480. */
  watchSeconds?: readonly [number, number];
  /** Milliseconds of silence after which a watch is given up; above the minute or so between bookmarks. Default 150,000. */
  idle?: number;
  backoff?: Omit<BackoffOptions, 'random'>;
  /** In [0, 1). */
  random?: () => number;
  clock?: Clock;
  log?: Log;
  meter?: Meter;
};

/** Marks the bookmark after which a WatchList has sent everything there was. */
const INITIAL_END = 'k8s.io/initial-events-end';

/**
 * Keeps a store equal to what the API server has of one kind: a list, then a watch, over and over. It ends only when told to;
 * every error is followed by another try.
 */
export class Reflector<T extends KubeObject, I extends string = never> {
  readonly #options: Required<Omit<ReflectorOptions<T, I>, 'backoff'>>;
  readonly #name: string;
  readonly #log: Log;
  readonly #backoff: Backoff;
  /** Where to go on watching; undefined when everything must be listed anew. */
  #version: string | undefined;
  /** WatchList saves the server memory; a server that refuses it once is not asked again. */
  #watchList = true;
  #lastEvent: number | undefined;

  constructor(options: ReflectorOptions<T, I>) {
    const { backoff, ...rest } = options;
    this.#options = {
      selection: {},
      pageSize: 500,
      watchSeconds: [240, 480],
      idle: 150_000,
      random: Math.random,
      clock: systemClock,
      log: silentLog,
      meter: noMeter,
      ...rest,
    };
    this.#name = resourceName(options.resource);
    this.#log = this.#options.log.child({ resource: this.#name });
    this.#backoff = new Backoff({ ...backoff, random: this.#options.random });
  }

  /** Milliseconds since the epoch when something last came from the server, bookmarks included. */
  get lastEvent(): number | undefined {
    return this.#lastEvent;
  }

  /** Resolves when `signal` has aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#round(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#note(error);
      }
      // Also after a stream that ended well: one that ends at once, again and again, must not become a hot loop.
      await sleep(this.#options.clock, this.#backoff.next(), signal);
    }
  }

  /** One watch, after a list where one is due. */
  async #round(signal: AbortSignal): Promise<void> {
    if (this.#version === undefined && this.#watchList) {
      try {
        await this.#watch(signal, true);
        return;
      } catch (error) {
        if (!(error instanceof InvalidError || error instanceof BadRequestError)) throw error;
        this.#watchList = false;
        this.#log.info('the server refuses WatchList; listing in pages instead', { error: error.message });
      }
    }
    if (this.#version === undefined) await this.#list(signal);
    await this.#watch(signal, false);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, selection, pageSize, store } = this.#options;
    const objects: T[] = [];
    let version: string | undefined;
    let next: string | undefined;
    do {
      const page = await client.list(resource, {
        ...selection,
        limit: pageSize,
        signal,
        ...(next !== undefined && { continue: next }),
      });
      objects.push(...page.items);
      version = page.metadata.resourceVersion;
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
    } while (next !== undefined);
    store.replace(objects, version);
    this.#progress(version);
  }

  async #watch(signal: AbortSignal, sendInitialEvents: boolean): Promise<void> {
    const { client, resource, selection, store, watchSeconds, random, idle } = this.#options;
    const [shortest, longest] = watchSeconds;
    const timeoutSeconds = Math.round(shortest + random() * (longest - shortest));
    const initial = sendInitialEvents ? new Map<string, T>() : undefined;
    const where = sendInitialEvents ? { sendInitialEvents } : { resourceVersion: this.#version };
    let collecting = initial;
    for await (const event of client.watch(resource, { ...selection, ...where, signal, timeoutSeconds, idle })) {
      if (collecting === undefined) {
        this.#take(event);
      } else if (event.type === 'BOOKMARK' && event.object.metadata.annotations?.[INITIAL_END] === 'true') {
        const version = event.object.metadata.resourceVersion ?? '';
        store.replace(collecting.values(), version);
        collecting = undefined;
        this.#progress(version);
      } else {
        this.#touch();
        collect(collecting, event);
      }
    }
    if (collecting !== undefined)
      throw new NetworkError(`WATCH ${this.#name}`, 0, { message: 'ended before the initial list did' });
  }

  #take(event: WatchEvent<T>): void {
    const { store } = this.#options;
    if (event.type === 'BOOKMARK') store.bookmark(event.object.metadata.resourceVersion);
    else if (event.type === 'DELETED') store.remove(event.object);
    else store.upsert(event.object);
    this.#progress(event.object.metadata.resourceVersion);
  }

  #progress(version: string | undefined): void {
    if (version !== undefined) this.#version = version;
    this.#backoff.reset();
    this.#touch();
  }

  #touch(): void {
    this.#lastEvent = this.#options.clock.now();
    this.#options.meter.watchEvent(this.#name, this.#lastEvent / 1000);
  }

  #note(error: unknown): void {
    // 410: the version is too old. Silence without even a bookmark: perhaps the server's history went back behind our version
    // (a restored backup), where a watch from it would wait in silence until the numbers have caught up.
    const relist = error instanceof GoneError || error instanceof SilenceError;
    if (relist) this.#version = undefined;
    const fields = { error: messageOf(error), code: error instanceof ApiError ? error.code : undefined, relist };
    if (error instanceof GoneError) this.#log.info('the watch is too old', fields);
    else this.#log.warn('the watch failed', fields);
  }
}

function collect<T extends KubeObject>(initial: Map<string, T>, event: WatchEvent<T>): void {
  if (event.type === 'BOOKMARK') return;
  const key = keyOf(event.object.metadata);
  if (event.type === 'DELETED') initial.delete(key);
  else initial.set(key, event.object);
}
