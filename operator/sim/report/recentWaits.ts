/** A forecast of the start that knows no plan: quantiles of the waits of the last jobs that had started. */
import type { JobResult } from '../results.ts';
import { wait } from './metrics.ts';
import { quantile } from './stats.ts';

/** Waits that are remembered, and how many there must be before anything is forecast. */
const REMEMBERED = 1000;
const FEWEST = 100;

type Forecast = {
  readonly job: JobResult;
  readonly earliest: number;
  readonly expected: number;
  readonly latest: number;
};

/** In order of submission, for intervals that should miss `alpha` of the starts. Uses only starts before a submission. */
export function* recentWaits(jobs: readonly JobResult[], alpha: number): Generator<Forecast> {
  const byStart = jobs.toSorted((a, b) => a.start - b.start || a.index - b.index);
  const window = new SortedWindow();
  let started = 0;
  for (const job of jobs.toSorted((a, b) => a.submit - b.submit || a.index - b.index)) {
    const { submit } = job;
    for (let next = byStart[started]; next && next.start < submit; next = byStart[++started]) window.push(wait(next));
    const waits = window.ascending;
    if (waits.length < FEWEST) continue;
    const at = (q: number) => submit + quantile(waits, q);
    yield { job, earliest: at(alpha / 2), expected: at(0.5), latest: at(1 - alpha / 2) };
  }
}

/** The last values pushed, kept in order. */
class SortedWindow {
  readonly #sorted = new Float64Array(REMEMBERED);
  /** In the order of pushing; the oldest is overwritten. */
  readonly #ring = new Float64Array(REMEMBERED);
  #pushed = 0;

  get ascending(): Float64Array {
    return this.#sorted.subarray(0, Math.min(this.#pushed, REMEMBERED));
  }

  push(value: number): void {
    const at = this.#pushed % REMEMBERED;
    if (this.#pushed >= REMEMBERED) this.#remove(this.#ring[at] as number);
    const place = this.#placeOf(value, Math.min(this.#pushed, REMEMBERED - 1));
    this.#sorted.copyWithin(place + 1, place, REMEMBERED - 1);
    this.#sorted[place] = value;
    this.#ring[at] = value;
    this.#pushed++;
  }

  #remove(value: number): void {
    const place = this.#placeOf(value, REMEMBERED);
    this.#sorted.copyWithin(place, place + 1);
  }

  /** Of the first that is not less, among the first `length`. */
  #placeOf(value: number, length: number): number {
    let [low, high] = [0, length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
