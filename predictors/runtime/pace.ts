/** When models are fitted anew: often while little is known, then every so many runs. */

const FIRST = 100;
const GROWTH = 0.25;
const MOST = 1500;

/** Whether it is time, after `total` runs in all and `atLast` at the last fit (0: never fitted). */
export function isRefitDue(total: number, atLast: number): boolean {
  return total - atLast >= Math.max(FIRST, Math.min(MOST, GROWTH * atLast));
}
