/** The last finished runs of a user, a program or a pool, as columns of a ring. */

/** One finished run as a ring keeps it; times as natural logs of seconds. */
export type Kept = {
  readonly log: number;
  /** Log of the limit, or 0 without one. */
  readonly limit: number;
  readonly ranks: number;
  readonly program: number;
  readonly user: number;
  readonly endedAt: number;
  /** Whether the program failed, or somebody ended it. */
  readonly failed: boolean;
};

/** Shorter runs ended at once: a crash, a forgotten file. Seconds. */
const QUICK = 30;
const QUICK_LOG = Math.log(QUICK);

/** From this share of the limit on, a run counts as having reached it. */
const FULL = Math.log(0.95);

const FIELDS = 7;

export type SavedRecent = { readonly total: number; readonly data: Float64Array };

export class Recent {
  readonly #data: Float64Array;
  readonly #capacity: number;
  /** Runs ever put in. */
  total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#data = new Float64Array(capacity * FIELDS);
  }

  get size(): number {
    return Math.min(this.total, this.#capacity);
  }

  /** Adds a run; the oldest leaves a full ring. */
  add(run: Kept): void {
    this.#write(this.total % this.#capacity, run);
    this.total++;
  }

  /** Adds a run where many users share the ring: of one that has `most` there already, its own oldest leaves. */
  addShared(run: Kept, most: number): void {
    let count = 0;
    let oldest = -1;
    for (let age = 0; age < this.size; age++) {
      if (this.user(this.at(age)) !== run.user) continue;
      count++;
      oldest = age;
    }
    if (count < most) {
      this.add(run);
      return;
    }
    for (let age = oldest; age > 0; age--)
      this.#data.copyWithin(this.at(age), this.at(age - 1), this.at(age - 1) + FIELDS);
    this.#write(this.at(0) / FIELDS, run);
  }

  /** Where the run that ended `age` runs ago stands (0: the last): the argument of the readers below. */
  at(age: number): number {
    return ((this.total - 1 - age) % this.#capacity) * FIELDS;
  }

  log(at: number): number {
    return this.#data[at] as number;
  }

  /** Log of the limit; 0: it had none. */
  limit(at: number): number {
    return this.#data[at + 1] as number;
  }

  ranks(at: number): number {
    return this.#data[at + 2] as number;
  }

  program(at: number): number {
    return this.#data[at + 3] as number;
  }

  user(at: number): number {
    return this.#data[at + 4] as number;
  }

  endedAt(at: number): number {
    return this.#data[at + 5] as number;
  }

  hasFailed(at: number): boolean {
    return this.#data[at + 6] === 1;
  }

  wasQuick(at: number): boolean {
    return this.log(at) < QUICK_LOG;
  }

  /** Whether it ran to its limit. */
  wasFull(at: number): boolean {
    return this.limit(at) > 0 && this.log(at) - this.limit(at) >= FULL;
  }

  #write(slot: number, { log, limit, ranks, program, user, endedAt, failed }: Kept): void {
    this.#data.set([log, limit, ranks, program, user, endedAt, failed ? 1 : 0], slot * FIELDS);
  }

  /** As plain data, and back. */
  save(): SavedRecent {
    return { total: this.total, data: this.#data.slice(0, this.size * FIELDS) };
  }

  static load(capacity: number, { total, data }: SavedRecent): Recent {
    const ring = new Recent(capacity);
    ring.#data.set(data.subarray(0, capacity * FIELDS));
    ring.total = total;
    return ring;
  }
}
