import type { Client } from '../../operator/kube/client.ts';
import { Reflector } from '../../operator/kube/reflector.ts';
import type { Resource } from '../../operator/kube/resource.ts';
import { Store } from '../../operator/kube/store.ts';
import type { KubeObject } from '../../operator/kube/types.ts';

/** What the API server says of one kind in one namespace, as it says it. Ends with `using`. */
export class Watching<T extends KubeObject> {
  readonly store = new Store<T>();
  readonly #stop = new AbortController();

  constructor(client: Client, resource: Resource<T>, namespace: string) {
    const reflector = new Reflector({ client, resource, store: this.store, selection: { namespace } });
    void reflector.run(this.#stop.signal);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /**
   * Resolves with the time (milliseconds since the epoch) at which `holds` is first true of the store.
   * @param limit milliseconds, after which it rejects with `what`.
   */
  async until(what: string, limit: number, holds: (objects: Store<T>) => boolean): Promise<number> {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(() => reject(new Error(`waited ${limit / 1000} s for ${what}`))), limit);
      let unsubscribe = (): void => undefined;
      let over = false;
      const end = (then: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        unsubscribe();
        then();
      };
      const look = (): void => {
        if (!over && holds(this.store)) end(() => resolve(Date.now()));
      };
      unsubscribe = this.store.subscribe(look);
      look();
    });
  }
}
