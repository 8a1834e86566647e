import { messageOf } from './errors.ts';
import type { Log } from './ports.ts';
import { silentLog } from './ports.ts';
import { type Key, type KubeObject, keyOf, type Ref } from './types.ts';
import { newestVersion } from './versions.ts';

/** What changed in a store. On `delete`, `object` is the last state known; its own final state may never have been seen. */
export type Delta<T extends KubeObject> = {
  type: 'add' | 'update' | 'delete';
  key: Key;
  object: T;
  /** Only on `update`. */
  previous?: T;
};

/** Subscribers only enqueue keys. What they throw is logged and goes no further. */
export type Subscriber<T extends KubeObject> = (delta: Delta<T>) => void;

export type StoreOptions<T extends KubeObject, I extends string> = {
  /** Index name -> the values under which an object is found, e.g. its owner's UID. */
  indexers?: Record<I, (object: T) => readonly string[]>;
  /** Applied before an object is stored, after `managedFields` was dropped: keep only what is read. */
  transform?: (object: T) => T;
  log?: Log;
};

/**
 * The objects of one kind as last seen, read by everyone, written by one reflector. Objects are shared: nobody changes them.
 */
export class Store<T extends KubeObject, I extends string = never> {
  readonly #objects = new Map<Key, T>();
  readonly #indexes: ReadonlyMap<I, { of: (object: T) => readonly string[]; keys: Map<string, Set<Key>> }>;
  readonly #subscribers = new Set<Subscriber<T>>();
  readonly #transform: (object: T) => T;
  readonly #log: Log;
  #newest: string | undefined;
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;

  constructor({ indexers, transform, log = silentLog }: StoreOptions<T, I> = {}) {
    const names = Object.keys(indexers ?? {}) as I[];
    this.#indexes = new Map(names.map((name) => [name, { of: indexers?.[name] ?? (() => []), keys: new Map() }]));
    this.#transform = transform ?? ((object) => object);
    this.#log = log;
  }

  get(ref: Ref | Key): T | undefined {
    return this.#objects.get(typeof ref === 'string' ? ref : keyOf(ref));
  }

  /** All objects, in no order. */
  list(): T[] {
    return [...this.#objects.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Objects that the indexer `index` files under `value`. */
  by(index: I, value: string): T[] {
    const keys = this.#indexes.get(index)?.keys.get(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Resolves after the first complete list; decisions made before would take absence of knowledge for absence. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** The newest resourceVersion seen of this type, bookmarks included; undefined before the first list. */
  get newestVersion(): string | undefined {
    return this.#newest;
  }

  /** Calls `subscriber` for every change from now on, and at once with an `add` for each object already here. Answers the end of it. */
  subscribe(subscriber: Subscriber<T>): () => void {
    this.#subscribers.add(subscriber);
    for (const [key, object] of this.#objects) this.#tell(subscriber, { type: 'add', key, object });
    return () => this.#subscribers.delete(subscriber);
  }

  /** Reflector only: the object is so now. The same resourceVersion again changes nothing and tells nobody. */
  upsert(object: T): void {
    this.bookmark(object.metadata.resourceVersion);
    this.#put(object);
  }

  /** Reflector only: the object is gone. */
  remove(object: T): void {
    this.bookmark(object.metadata.resourceVersion);
    this.#drop(keyOf(object.metadata));
  }

  /** Reflector only: everything up to `version` has been seen. */
  bookmark(version: string | undefined): void {
    this.#newest = newestVersion(this.#newest, version);
  }

  /**
   * Reflector only: `objects` is all there is at `version`. What is missing from it was deleted unseen; subscribers hear so.
   * `version` is taken even when it is lower than the newest seen: after a restored backup versions do go back.
   */
  replace(objects: Iterable<T>, version: string): void {
    const gone = new Set(this.#objects.keys());
    this.#newest = version;
    for (const object of objects) {
      gone.delete(keyOf(object.metadata));
      this.#put(object);
    }
    for (const key of gone) this.#drop(key);
    this.#isSynced = true;
    this.#synced.resolve();
  }

  #put(raw: T): void {
    const key = keyOf(raw.metadata);
    const previous = this.#objects.get(key);
    if (previous !== undefined && isSame(previous, raw)) return;
    // Another UID under the same name: the old object was deleted unseen, and its owner must hear that.
    if (previous !== undefined && previous.metadata.uid !== raw.metadata.uid) {
      this.#drop(key);
      this.#put(raw);
      return;
    }
    const object = this.#guarded(key, raw, () => this.#transform(withoutManagedFields(raw)));
    if (previous !== undefined) this.#unindex(key, previous);
    this.#objects.set(key, object);
    this.#index(key, object);
    this.#publish(previous === undefined ? { type: 'add', key, object } : { type: 'update', key, object, previous });
  }

  #drop(key: Key): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#unindex(key, object);
    this.#publish({ type: 'delete', key, object });
  }

  #index(key: Key, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of this.#guarded(key, [], () => of(object))) {
        const filed = keys.get(value);
        if (filed === undefined) keys.set(value, new Set([key]));
        else filed.add(key);
      }
    }
  }

  #unindex(key: Key, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of this.#guarded(key, [], () => of(object))) {
        const filed = keys.get(value);
        filed?.delete(key);
        if (filed?.size === 0) keys.delete(value);
      }
    }
  }

  #publish(delta: Delta<T>): void {
    for (const subscriber of this.#subscribers) this.#tell(subscriber, delta);
  }

  #tell(subscriber: Subscriber<T>, delta: Delta<T>): void {
    this.#guarded(delta.key, undefined, () => subscriber(delta));
  }

  /** What callers hand in must not stop the stream that feeds this store: one bad object would hide all that follow. */
  #guarded<R>(key: Key, otherwise: R, work: () => R): R {
    try {
      return work();
    } catch (error) {
      this.#log.error('a function given to the store failed', { key, error: messageOf(error) });
      return otherwise;
    }
  }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid && a.metadata.resourceVersion === b.metadata.resourceVersion;
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
