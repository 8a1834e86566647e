/**
 * A coarse outlook on a pool or an account: what is free of it in each step of the time ahead. Steps grow with their
 * distance, since nobody needs to know to the minute what is free in a month.
 */
import type { Need } from './cells.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Step widths up to a distance, seconds. */
const STEPS = [
  [MINUTE, HOUR],
  [5 * MINUTE, 6 * HOUR],
  [30 * MINUTE, 2 * DAY],
  [3 * HOUR, 14 * DAY],
  [DAY, 60 * DAY],
] as const;

/** Distances from now at which the steps begin, seconds. */
export const STARTS: Float64Array = (() => {
  const starts = [0];
  for (const [width, until] of STEPS) {
    for (let at = (starts.at(-1) ?? 0) + width; at <= until; at += width) starts.push(at);
  }
  return Float64Array.from(starts);
})();

/** The step that holds the distance; the number of steps where it lies beyond them. */
export function stepOf(distance: number): number {
  let low = 0;
  let high = STARTS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((STARTS[middle] ?? 0) <= distance) low = middle + 1;
    else high = middle;
  }
  return distance >= 60 * DAY ? STARTS.length : Math.max(0, low - 1);
}

/** The first step that begins at or after the distance. */
export function stepFrom(distance: number): number {
  const step = stepOf(distance);
  return step < STARTS.length && (STARTS[step] ?? 0) < distance ? step + 1 : step;
}

const STEPS_IN_ALL = STARTS.length;

export class Outlook {
  readonly #stride: number;
  /**
   * Changes at each step until `settle` sums them up; free amounts after it. Column by column, for each is followed through
   * time on its own, thousands of times in a plan.
   */
  readonly #free: Float64Array;

  constructor(stride: number) {
    this.#stride = stride;
    this.#free = new Float64Array(STEPS_IN_ALL * stride);
  }

  /** Adds `members` of `need` from a step on. Before `settle` only. */
  shift(step: number, { columns, amounts }: Need, members: number): void {
    if (step >= STEPS_IN_ALL) return;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] ?? -1;
      const at = column * STEPS_IN_ALL + step;
      if (column >= 0) this.#free[at] = (this.#free[at] ?? 0) + members * (amounts[i] ?? 0);
    }
  }

  /** Adds a row of amounts that are free now: that of `cell` in `free`. Before `settle` only. */
  begin(free: Float64Array, cell: number): void {
    for (let column = 0; column < this.#stride; column += 1) {
      const at = column * STEPS_IN_ALL;
      this.#free[at] = (this.#free[at] ?? 0) + (free[cell * this.#stride + column] ?? 0);
    }
  }

  settle(): void {
    for (let i = 0; i < this.#free.length; i += 1) {
      if (i % STEPS_IN_ALL > 0) this.#free[i] = (this.#free[i] ?? 0) + (this.#free[i - 1] ?? 0);
    }
  }

  /** The last step from `start` up to, not with, `end` at which the members do not fit; -1 if they do at all of them. */
  #lastShort(start: number, end: number, { columns, amounts }: Need, members: number): number {
    let last = -1;
    for (let i = 0; i < columns.length; i += 1) {
      const wants = members * (amounts[i] as number);
      const row = (columns[i] as number) * STEPS_IN_ALL;
      for (let step = end - 1; step >= start && step > last; step -= 1) {
        if ((this.#free[row + step] as number) < wants) last = step;
      }
    }
    return last;
  }

  /** The first step from `from` on at which the members fit for `run` seconds; the number of steps if there is none. */
  fit(from: number, need: Need, members: number, run: number): number {
    let start = from;
    while (start < STEPS_IN_ALL) {
      // Who starts at or before a step at which they do not fit would still be there then.
      const short = this.#lastShort(start, endOf(start, run), need, members);
      if (short < 0) return start;
      start = short + 1;
    }
    return STEPS_IN_ALL;
  }

  /** Takes the members' room from a step on for `run` seconds. */
  take(start: number, { columns, amounts }: Need, members: number, run: number): void {
    const end = endOf(start, run);
    for (let i = 0; i < columns.length; i += 1) {
      const amount = members * (amounts[i] as number);
      const row = (columns[i] as number) * STEPS_IN_ALL;
      // An account that does not limit the resource has endless room of it.
      if (this.#free[row + start] === Number.POSITIVE_INFINITY) continue;
      for (let at = row + start; at < row + end; at += 1) this.#free[at] = (this.#free[at] as number) - amount;
    }
  }
}

/** The step after the last one that a gang touches which starts with a step and runs so many seconds. */
function endOf(start: number, run: number): number {
  return Math.max(start + 1, stepFrom((STARTS[start] ?? 0) + run));
}
