/** `--estimates`. */
import { ESTIMATES, type Estimates } from '../../sim/estimates.ts';
import { UsageError } from '../errors.ts';

/** Throws UsageError. */
export function readEstimates(text = 'user'): Estimates {
  const known = ESTIMATES.find((one) => one === text);
  if (known !== undefined) return known;
  throw new UsageError(`--estimates: there is no ${JSON.stringify(text)}; there are ${ESTIMATES.join(', ')}`);
}
