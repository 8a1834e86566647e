/** Run times fitted to a load. */

/** One pool's jobs whose run times may be stretched. */
export type Stretchable = {
  readonly widths: readonly number[];
  /** Seconds, before they are fitted. */
  readonly runs: readonly number[];
};

/** A run time after stretching: whole seconds, at least 1, at most `longest`. */
export function stretched(run: number, factor: number, longest: number): number {
  return Math.min(longest, Math.max(1, Math.round(run * factor)));
}

/** Sum of width × run time after stretching. */
export function workOf({ widths, runs }: Stretchable, factor: number, longest: number): number {
  let work = 0;
  for (let i = 0; i < runs.length; i++) work += (widths[i] as number) * stretched(runs[i] as number, factor, longest);
  return work;
}

/** Halvings of the logarithm of the factor; leaves it exact to 10^-7. */
const STEPS = 28;
const WIDEST = 1e6;

/**
 * The factor by which all run times must be multiplied so that the work is `target`; undefined where none between
 * 10^-6 and 10^6 is: too little work even at `longest`, or too much even at 1 s each.
 */
export function stretchFactor(jobs: Stretchable, target: number, longest: number): number | undefined {
  let [low, high] = [1 / WIDEST, WIDEST];
  if (workOf(jobs, low, longest) > target || workOf(jobs, high, longest) < target) return undefined;
  for (let step = 0; step < STEPS; step++) {
    const middle = Math.sqrt(low * high);
    if (workOf(jobs, middle, longest) < target) low = middle;
    else high = middle;
  }
  return high;
}
