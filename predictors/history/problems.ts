/** What was left out of a file that was read, and why: counted without end, named line by line for the first few. */

/** So many lines are named; the rest are only counted. */
const NAMED = 50;
/** Kinds that are counted apart; a file full of different mistakes must not fill the memory. */
const KINDS = 50;

export type Problem = { readonly line: number; readonly reason: string };

export class Problems {
  readonly #named: Problem[] = [];
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** @param kind what is counted together; default the reason itself */
  add(line: number, reason: string, kind = reason): void {
    this.#total++;
    const counted = this.#counts.has(kind) || this.#counts.size < KINDS ? kind : 'other';
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
    if (this.#named.length < NAMED) this.#named.push({ line, reason });
  }

  get total(): number {
    return this.#total;
  }

  /** The first of them, in the order of the file. */
  get named(): readonly Problem[] {
    return this.#named;
  }

  /** How many of each kind. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
