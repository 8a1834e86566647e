/**
 * Decisions as JSON lines: first the policy, then one line for each plan that starts something or promises a new time,
 * with all that the planner was told since the line before. Who tells another planner the same gets the same starts.
 */

import type { PolicyForm } from '../../policyForm.ts';
import type { Moment } from '../../sim/engine.ts';

/** Raised when the meaning of a field changes. */
const FORMAT = 1;

/** Characters after which nothing more is written: a long run with many reservations could fill a disk. */
const MOST = 2 ** 30;

export class DecisionLog {
  readonly #write: (text: string) => void;
  readonly #most: number;
  /** Latest promise of each gang that holds one. */
  #promised = new Map<string, number>();
  #changes: Moment['changes'][number][] = [];
  #size = 0;
  /** Plans that were not written, for the file is full. */
  left = 0;

  constructor(write: (text: string) => void, policy: PolicyForm, most = MOST) {
    this.#write = write;
    this.#most = most;
    this.#line({ format: FORMAT, policy });
  }

  get size(): number {
    return this.#size;
  }

  #line(value: unknown): void {
    const text = `${JSON.stringify(value)}\n`;
    this.#size += text.length;
    this.#write(text);
  }

  plan({ now, plan: { starts, reservations }, changes }: Moment): void {
    if (this.left > 0) {
      this.left += 1;
      return;
    }
    for (const change of changes) this.#changes.push(change);
    const moved = reservations.filter(({ uid, at }) => this.#promised.get(uid) !== at);
    this.#promised = new Map(reservations.map(({ uid, at }) => [uid, at]));
    if (starts.length === 0 && moved.length === 0) return;
    const promises = moved.map(({ uid, at, until }) => ({ uid, at, until }));
    this.#line({ now, changes: this.#changes, starts, promises });
    this.#changes = [];
    if (this.#size < this.#most) return;
    this.#line({ truncated: true });
    this.left = 1;
  }
}
