/** How much one user's run may teach what all users share: nobody's runs count more than a tenth of all. */
import { Bounded } from '../features/bounded.ts';

/** Runs after which a run is forgotten, on average. */
const MEMORY = 4000;
const SHARE = 0.1;
const MOST_USERS = 20_000;

type Count = { count: number; at: number };

export type SavedFair = { readonly now: number; readonly users: readonly (readonly [string, Count])[] };

export class Fair {
  readonly #users = new Bounded<string, Count>(MOST_USERS);
  #now = 0;

  /**
   * Counts a run of `user`; returns its weight, at most 1: the user's runs together weigh no more than SHARE of what
   * all users did lately, or than an equal share where there are few users.
   */
  weigh(user: string): number {
    this.#now++;
    const own = this.#users.touch(user, () => ({ count: 0, at: this.#now }));
    own.count = own.count * Math.exp(-(this.#now - own.at) / MEMORY) + 1;
    own.at = this.#now;
    const all = MEMORY * (1 - Math.exp(-this.#now / MEMORY));
    const share = Math.max(SHARE, 1 / this.#users.size);
    return Math.min(1, (share * Math.max(1, all)) / own.count);
  }

  save(): SavedFair {
    return { now: this.#now, users: this.#users.save((count) => ({ ...count })) };
  }

  static load({ now, users }: SavedFair): Fair {
    const fair = new Fair();
    fair.#now = now;
    fair.#users.load(users, (count) => ({ ...count }));
    return fair;
  }
}
