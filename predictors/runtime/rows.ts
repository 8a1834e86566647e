/** The runs that models are trained on: bounded, and none of it belongs to one user while others need it. */
import type { TrainingSet } from './model.ts';

export type Row = {
  readonly user: string;
  readonly features: Float64Array;
  /** Relative log seconds. */
  readonly target: number;
  readonly quick: number;
  readonly censored: boolean;
};

/** Of a full store, one user keeps at most this part when others come. */
const SHARE = 0.2;

/** So many rows a user may have whatever the others have: they teach how the user's own jobs go. */
const LEAST_CAP = 1000;

/**
 * The cap c on the weight of any user's rows such that none has more than SHARE of all weight, c = SHARE · Σ min(n, c),
 * but no less than LEAST_CAP.
 */
function capOf(counts: readonly number[]): number {
  if (counts.length < 2) return Number.POSITIVE_INFINITY;
  const sorted = counts.toSorted((a, b) => b - a);
  let rest = counts.reduce((sum, count) => sum + count, 0);
  for (const [above, count] of sorted.entries()) {
    // With the `above` largest users at the cap: c = SHARE · (above · c + rest).
    const cap = SHARE * above < 1 ? (SHARE * rest) / (1 - SHARE * above) : 0;
    if (count <= cap || cap <= LEAST_CAP) return Math.max(cap, LEAST_CAP);
    rest -= count;
  }
  return LEAST_CAP;
}

export class Rows {
  /** Rows that are kept. */
  readonly most: number;
  #rows: (Row | undefined)[] = [];
  readonly #counts = new Map<string, number>();
  #first = 0;
  /** Rows ever added. */
  total = 0;

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.#rows.length - this.#first;
  }

  /** Adds a row; from a full store the oldest leaves, or the user's own oldest where the user has more than a share. */
  add(row: Row): void {
    const count = this.#counts.get(row.user) ?? 0;
    if (this.size >= this.most) this.#drop(count > SHARE * this.most ? row.user : undefined);
    this.#counts.set(row.user, (this.#counts.get(row.user) ?? 0) + 1);
    this.#rows.push(row);
    this.total++;
  }

  #drop(user: string | undefined): void {
    const own = user === undefined ? this.#first : this.#rows.findIndex((row) => row?.user === user);
    const at = Math.max(this.#first, own);
    const [gone] = at === this.#first ? [this.#rows[at]] : this.#rows.splice(at, 1);
    if (at === this.#first) this.#rows[this.#first++] = undefined;
    if (this.#first > this.most) {
      this.#rows = this.#rows.slice(this.#first);
      this.#first = 0;
    }
    if (gone === undefined) return;
    const left = (this.#counts.get(gone.user) ?? 1) - 1;
    if (left > 0) this.#counts.set(gone.user, left);
    else this.#counts.delete(gone.user);
  }

  /** A copy to learn from, oldest first. */
  trainingSet(width: number): TrainingSet {
    const rows = this.#rows.slice(this.#first) as Row[];
    const count = rows.length;
    const set = {
      rows: new Float64Array(count * width),
      width,
      count,
      targets: new Float64Array(count),
      quick: new Float64Array(count),
      censored: new Uint8Array(count),
      weights: new Float64Array(count),
    };
    const cap = capOf([...this.#counts.values()]);
    for (const [index, row] of rows.entries()) {
      set.rows.set(row.features, index * width);
      set.targets[index] = row.target;
      set.quick[index] = row.quick;
      set.censored[index] = row.censored ? 1 : 0;
      set.weights[index] = Math.min(1, cap / (this.#counts.get(row.user) as number));
    }
    return set;
  }

  /** The rows, oldest first, and back. */
  save(): readonly Row[] {
    return this.#rows.slice(this.#first) as Row[];
  }

  load(rows: readonly Row[]): void {
    for (const row of rows) this.add(row);
  }
}
