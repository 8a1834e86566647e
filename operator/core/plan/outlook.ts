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

export class Outlook {
  readonly #stride: number;
  /** Changes at each step until `settle` sums them up; free amounts after it. */
  readonly #free: Float64Array;

  constructor(stride: number) {
    this.#stride = stride;
    this.#free = new Float64Array(STARTS.length * stride);
  }

  /** Adds `members` of `need` from a step on. Before `settle` only. */
  shift(step: number, { columns, amounts }: Need, members: number): void {
    if (step >= STARTS.length) return;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] ?? -1;
      const at = step * this.#stride + column;
      if (column >= 0) this.#free[at] = (this.#free[at] ?? 0) + members * (amounts[i] ?? 0);
    }
  }

  /** Adds a row of amounts that are free now. Before `settle` only. */
  begin(row: Float64Array): void {
    for (let column = 0; column < this.#stride; column += 1) {
      this.#free[column] = (this.#free[column] ?? 0) + (row[column] ?? 0);
    }
  }

  settle(): void {
    for (let i = this.#stride; i < this.#free.length; i += 1) {
      this.#free[i] = (this.#free[i] ?? 0) + (this.#free[i - this.#stride] ?? 0);
    }
  }

  #holds(step: number, { columns, amounts }: Need, members: number): boolean {
    const row = step * this.#stride;
    for (let i = 0; i < columns.length; i += 1) {
      if ((this.#free[row + (columns[i] ?? 0)] ?? 0) < members * (amounts[i] ?? 0)) return false;
    }
    return true;
  }

  /** The first step from `from` on at which the members fit at all; the number of steps if there is none. */
  first(from: number, need: Need, members: number): number {
    let step = from;
    while (step < STARTS.length && !this.#holds(step, need, members)) step += 1;
    return step;
  }

  /** The first step from `from` on at which the members fit for `run` seconds; the number of steps if there is none. */
  fit(from: number, need: Need, members: number, run: number): number {
    let start = this.first(from, need, members);
    while (start < STARTS.length) {
      const end = stepFrom((STARTS[start] ?? 0) + run);
      let step = start + 1;
      while (step < end && this.#holds(step, need, members)) step += 1;
      if (step >= end) return start;
      start = this.first(step, need, members);
    }
    return start;
  }

  /** Takes the members' room from a step on for `run` seconds. */
  take(start: number, need: Need, members: number, run: number): void {
    const end = Math.max(start + 1, stepFrom((STARTS[start] ?? 0) + run));
    const { columns, amounts } = need;
    for (let step = start; step < Math.min(end, STARTS.length); step += 1) {
      for (let i = 0; i < columns.length; i += 1) {
        const at = step * this.#stride + (columns[i] ?? 0);
        this.#free[at] = (this.#free[at] ?? 0) - members * (amounts[i] ?? 0);
      }
    }
  }
}
