/**
 * How many pods may be on their way to their nodes at a time. A start is made whole within a bounded time or rolled back, and
 * kube-scheduler binds one pod after another: gangs that are begun much faster than it binds would all run into that bound, be
 * rolled back, and be begun again, for ever.
 */
import type { JobStatus } from '../../crds/jobStatus.ts';
import type { PodView } from '../core/lifecycle/types.ts';

/** Enough to keep a quick kube-scheduler busy for seconds; few enough for a slow one to bind within the bound. */
const PODS = 500;

export class StartWindow {
  readonly #release: (key: string) => void;
  /** Pods by gang that are written, or about to be, and not bound. */
  readonly #unbound = new Map<string, number>();
  /** Gangs whose start waits, in the order in which it was tried. */
  readonly #waiting = new Set<string>();
  #total = 0;

  /** `release` is told of each gang whose start may be tried again. */
  constructor(release: (key: string) => void) {
    this.#release = release;
  }

  /** Whether the gang may begin now, however wide it is; if not, it is released once there is room. */
  admits(key: string): boolean {
    if (this.#isOpen) return true;
    this.#waiting.add(key);
    return false;
  }

  /** So many pods of the gang are on their way from now on: all of its members once it begins, 0 once they are bound or given up. */
  note(key: string, pods: number): void {
    this.#total += pods - (this.#unbound.get(key) ?? 0);
    if (pods === 0) this.#unbound.delete(key);
    else this.#unbound.set(key, pods);
    const [next] = this.#waiting;
    // One at a time: the next one is released when this one has been noted.
    if (next === undefined || !this.#isOpen) return;
    this.#waiting.delete(next);
    this.#release(next);
  }

  get #isOpen(): boolean {
    return this.#total < PODS;
  }
}

/** Pods of the attempt that `status` begins, or goes on with, which are not bound to a node, written or not. */
export function unboundOf(pods: readonly PodView[], { state, assignment }: JobStatus): number {
  if (!assignment || (state !== 'Admitted' && state !== 'Starting')) return 0;
  const bound = pods.filter(({ attempt, node }) => attempt === assignment.attempt && node !== undefined);
  return assignment.members - bound.length;
}
