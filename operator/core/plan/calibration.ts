/**
 * How far estimated starts are off, learned from the starts that came: limits are longer than runs, so gangs start early;
 * others come and go before them, so gangs start late. By how much is told apart by how far away the start seemed.
 */
import type { Eta } from '../model.ts';

/** Natural logarithms of (true wait + SOFT) / (estimated wait + SOFT): a low one, the middle, and a high one. */
export type Spread = { readonly low: number; readonly middle: number; readonly high: number };

/** One spread for each class of distance. */
export type Calibration = readonly Spread[];

/** Seconds that matter to nobody: keeps the ratio of two short waits from being wild. */
const SOFT = 60;

/** Upper edges of the classes of estimated wait, in seconds; the last class is open. */
const CLASSES = [300, 1800, 7200, 28_800, 115_200] as const;

/**
 * Until enough starts were seen. Measured over several published traces, policies and estimates: most true waits lay
 * between a fifteenth of the estimate and its triple.
 */
const PRIOR: Spread = { low: -2.7, middle: -0.3, high: 1.1 };

export const UNCALIBRATED: Calibration = Array.from({ length: CLASSES.length + 1 }, () => PRIOR);

function classOf(wait: number): number {
  const found = CLASSES.findIndex((edge) => wait < edge);
  return found === -1 ? CLASSES.length : found;
}

/** The interval for an estimated start, all in seconds since the epoch. Nobody starts before `notBefore`. */
export function interval(expected: number, now: number, notBefore: number, calibration: Calibration): Eta {
  const wait = Math.max(0, expected - now);
  const { low, middle, high } = calibration[classOf(wait)] ?? PRIOR;
  const at = (log: number) => Math.max(notBefore, now + (wait + SOFT) * Math.exp(log) - SOFT, now);
  return { earliest: at(low), expected: at(middle), latest: at(high) };
}

/** Starts of a class that are remembered, how many it needs to speak for itself, and after how many it does so anew. */
const WINDOW = 1000;
const ENOUGH = 40;
const REFRESH = 10;

/** Learns the spreads from starts as they come. */
export class Calibrator {
  readonly #share: number;
  readonly #ratios: number[][] = UNCALIBRATED.map(() => []);
  readonly #fresh: number[] = UNCALIBRATED.map(() => 0);
  #spreads: Calibration = UNCALIBRATED;

  /** `share`: of the true starts that are to lie in the interval. */
  constructor(share = 0.9) {
    this.#share = share;
  }

  get calibration(): Calibration {
    return this.#spreads;
  }

  /** A gang that was expected to wait so long did wait so long; seconds. Answers whether the calibration has changed. */
  learn(estimated: number, waited: number): boolean {
    const known = classOf(Math.max(0, estimated));
    const ratios = this.#ratios[known] ?? [];
    ratios.push(Math.log((Math.max(0, waited) + SOFT) / (Math.max(0, estimated) + SOFT)));
    if (ratios.length > WINDOW) ratios.shift();
    this.#fresh[known] = (this.#fresh[known] ?? 0) + 1;
    if ((this.#fresh[known] ?? 0) < REFRESH || ratios.length < ENOUGH) return false;
    this.#fresh[known] = 0;
    this.#spreads = this.#spreads.with(known, this.#spreadOf(ratios));
    return true;
  }

  #spreadOf(ratios: readonly number[]): Spread {
    const sorted = ratios.toSorted((a, b) => a - b);
    const tail = (1 - this.#share) / 2;
    const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))] ?? 0;
    return { low: at(tail), middle: at(0.5), high: at(1 - tail) };
  }
}
