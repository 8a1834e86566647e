import type { Clock } from './ports.ts';
import { systemClock } from './ports.ts';
import type { Resource } from './resource.ts';
import { resourceName } from './resource.ts';
import { compareVersions, newestVersion } from './versions.ts';

/**
 * `fresh`: the stores have seen every write of this owner. `stale`: not yet; come back after `retryAfter` milliseconds.
 * `expired`: they should have by now (a write outside the store's selection, or versions that went back with a restored
 * backup): read what the decision needs with a live GET or LIST, once; the owner counts as fresh from then on.
 */
export type Freshness = { state: 'fresh' } | { state: 'stale'; retryAfter: number } | { state: 'expired' };

export type FreshOptions = {
  clock?: Clock;
  /** Milliseconds that an owner may wait for its writes to come back. Default 10,000. */
  bound?: number;
  /** Milliseconds between two looks. Default 50. */
  retry?: number;
};

/**
 * Read your own writes: remembers, per owner and resource type, the highest resourceVersion written, so that no decision is made
 * on a cache that has not yet seen the last one (KEP-5647). In memory only: a new process starts from a complete list.
 */
export class Fresh {
  readonly #clock: Clock;
  readonly #bound: number;
  readonly #retry: number;
  readonly #stores = new Map<string, { readonly newestVersion: string | undefined }>();
  readonly #owners = new Map<string, { since: number; written: Map<string, string> }>();

  constructor({ clock = systemClock, bound = 10_000, retry = 50 }: FreshOptions = {}) {
    this.#clock = clock;
    this.#bound = bound;
    this.#retry = retry;
  }

  /** Writes to `resource` are expected to show up in `store`. Writes to types that no store follows are not waited for. */
  follow(resource: Resource, store: { readonly newestVersion: string | undefined }): void {
    this.#stores.set(resourceName(resource), store);
  }

  /** `owner`, e.g. a job's key, has written an object of type `resource`, and the server answered `version`. */
  wrote(resource: Resource, owner: string, version: string | undefined): void {
    const name = resourceName(resource);
    if (version === undefined || !this.#stores.has(name)) return;
    const entry = this.#owners.get(owner) ?? { since: 0, written: new Map<string, string>() };
    entry.since = this.#clock.monotonic();
    entry.written.set(name, newestVersion(entry.written.get(name), version) ?? version);
    this.#owners.set(owner, entry);
  }

  check(owner: string): Freshness {
    const entry = this.#owners.get(owner);
    if (entry === undefined) return { state: 'fresh' };
    for (const [name, version] of entry.written) {
      const seen = this.#stores.get(name)?.newestVersion;
      if (seen !== undefined && compareVersions(seen, version) >= 0) entry.written.delete(name);
    }
    if (entry.written.size > 0 && this.#clock.monotonic() - entry.since < this.#bound) {
      return { state: 'stale', retryAfter: this.#retry };
    }
    this.#owners.delete(owner);
    return entry.written.size === 0 ? { state: 'fresh' } : { state: 'expired' };
  }

  /** The owner is gone. */
  forget(owner: string): void {
    this.#owners.delete(owner);
  }
}
