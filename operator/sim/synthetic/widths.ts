/** How wide jobs are. */
import { Weighted } from './distributions.ts';
import type { Random } from './random.ts';

export type WidthModel = (random: Random) => number;

/** Of parallel jobs, the share of powers of two; range and break of the others' logarithm: Lublin and Feitelson 2003. */
const POWERS_OF_TWO = 0.576 / (1 - 0.244);
const LOG_LEAST = 0.8;
const LOG_BREAK_BELOW_MOST = 2.5;
const BELOW_BREAK = 0.86;

/** Processors of MPI jobs: a share of `serial` ones, else the two-stage uniform logarithm of Lublin and Feitelson. */
export function mpiWidths(most: number, serial: number): WidthModel {
  const logMost = Math.log2(most);
  const logBreak = Math.max(LOG_LEAST, logMost - LOG_BREAK_BELOW_MOST);
  return (random) => {
    if (most === 1 || random.uniform() < serial) return 1;
    const isBelow = random.uniform() < BELOW_BREAK;
    const [low, high] = isBelow ? [LOG_LEAST, logBreak] : [logBreak, logMost];
    const log = low + random.uniform() * (high - low);
    if (random.uniform() < POWERS_OF_TWO) return 2 ** Math.min(Math.round(log), Math.floor(logMost));
    return Math.min(most, Math.max(2, Math.round(2 ** log)));
  };
}

/** Philly's jobs of 2, 4, 8, 16 and 32 accelerators (two weeks of 2017); beyond, each doubling is half as frequent. */
const PHILLY = [385, 200, 300, 20, 15];

/** Accelerators of training jobs: a share of `single` ones, else powers of two as on Philly. */
export function acceleratorWidths(most: number, single: number): WidthModel {
  const doublings = Math.floor(Math.log2(most));
  const last = PHILLY.length - 1;
  const weight = (index: number) => PHILLY[index] ?? (PHILLY[last] as number) / 2 ** (index - last);
  if (doublings === 0) return () => 1;
  const wide = new Weighted(Array.from({ length: doublings }, (_, index) => weight(index)));
  return (random) => (random.uniform() < single ? 1 : 2 ** (1 + wide.draw(random)));
}
