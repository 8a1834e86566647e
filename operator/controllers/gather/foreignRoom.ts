/** What foreign pods hold on each node: sums, kept as pods come and go. */
import { isDeepStrictEqual } from 'node:util';
import type { ForeignPod, Resources } from '../../core/model.ts';

export class ForeignRoom {
  /** Pods that hold room, by key. */
  readonly #pods = new Map<string, ForeignPod>();
  readonly #sums = new Map<string, Map<string, number>>();
  readonly #touched = new Set<string>();

  /** What the pod holds now; undefined: nothing, or it is counted elsewhere. */
  set(key: string, held: ForeignPod | undefined): void {
    const before = this.#pods.get(key);
    if (isDeepStrictEqual(before, held)) return;
    if (before) this.#add(before, -1);
    if (held) {
      this.#add(held, 1);
      this.#pods.set(key, held);
    } else this.#pods.delete(key);
  }

  #add({ node, requests }: ForeignPod, sign: 1 | -1): void {
    const sum = this.#sums.get(node) ?? new Map<string, number>();
    for (const [resource, amount] of Object.entries(requests)) {
      const total = (sum.get(resource) ?? 0) + sign * amount;
      // Amounts are whole numbers, so what was added is taken away without a rest.
      if (total === 0) sum.delete(resource);
      else sum.set(resource, total);
    }
    if (sum.size === 0) this.#sums.delete(node);
    else this.#sums.set(node, sum);
    this.#touched.add(node);
  }

  /** All that foreign pods hold on the node; undefined where there is none. */
  on(node: string): Resources | undefined {
    const sum = this.#sums.get(node);
    return sum && Object.fromEntries(sum);
  }

  /** Nodes whose sum may have changed since this was last asked. */
  takeTouched(): readonly string[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }
}
