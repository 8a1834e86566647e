import type { Run } from '../run.ts';
import { checkRun } from './bounds.ts';
import type { Refusal } from './history.ts';

/** Lets the runs through that can be true, and counts the others. */
export class Door {
  readonly #now: () => number;
  #refused = 0;

  /** @param now seconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  get refused(): number {
    return this.#refused;
  }

  admit(runs: readonly Run[]): { good: Run[]; refused: Refusal[] } {
    const good: Run[] = [];
    const refused: Refusal[] = [];
    const now = this.#now();
    for (const [index, run] of runs.entries()) {
      const checked = checkRun(run, now);
      if ('run' in checked) good.push(checked.run);
      else refused.push({ index, uid: uidOf(run), reason: checked.problem });
    }
    this.#refused += refused.length;
    return { good, refused };
  }
}

/** What is refused may be anything, whatever its type says. */
function uidOf(run: unknown): string {
  const uid = typeof run === 'object' && run !== null && 'uid' in run ? run.uid : undefined;
  return typeof uid === 'string' ? uid.slice(0, 253) : '';
}
