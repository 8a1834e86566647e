import { randomOf } from '../../predictors/runtime/random.ts';
import type { Windows } from './invariants.ts';
import type { LogLine } from './operator.ts';

/** What chance decides in a fault test follows from this alone: COXSWAIN_SEED=N runs it again as it was. */
export const SEED = Number(process.env['COXSWAIN_SEED'] ?? 1);

/** Whether the long matrices and the slow faults are run too. */
export const FULL = process.env['COXSWAIN_FULL'] === '1';

/** Milliseconds for which a fault goes on after everything has happened. */
export const LASTS = FULL ? 30_000 : 5_000;

/** A reconcile that met a fault says so, and is done again; one that broke by itself is our own mistake. */
const isTriedAgain = ({ msg, outcome }: LogLine): boolean => msg === 'a reconcile failed' && outcome === 'error';

/** What may stand while faults last, and for a minute after them; the longest lasts two and a half minutes. */
const windows: Windows = { torn: FULL ? 210_000 : 75_000, passage: 210_000, orphan: FULL ? 210_000 : 75_000 };

/** What faults explain, for `Bed.violations`. */
export const EXPLAINED = { windows, lines: isTriedAgain };

/** What of `found` is not said of a call that the operator's roles forbid: for faults that take rights away for a while. */
export const savingForbidden = (found: readonly string[]): readonly string[] =>
  found.filter((each) => !each.startsWith("the operator's roles forbid"));

/** Chance, in an order of its own for each `purpose`. */
export class Dice {
  readonly #random: () => number;

  constructor(purpose: string) {
    const mixed = Buffer.from(purpose).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, SEED);
    this.#random = randomOf(mixed);
  }

  /** True once in so many times on average: `share` of them, between 0 and 1. */
  falls(share: number): boolean {
    return this.#random() < share;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.#random() * from.length)] ?? from[0];
  }
}
