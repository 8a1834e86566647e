/** Variances of the kernel from the points themselves: those at which the points are most likely. */
import { fitCurves } from './curves.ts';
import { START, type Variances } from './kernel.ts';
import type { WidthPoint } from './point.ts';

/** Each variance is tried at these multiples of its last best, pass after pass. */
const STEPS = [4, 0.25, 2, 0.5];
const PASSES = 3;
/** With fewer points than this a search finds accidents. */
const FEWEST_POINTS = 30;

/**
 * −log marginal likelihood (Rasmussen and Williams 2006, eq. 2.30). It tells each point by those before it, so it also judges
 * how a program's first point in an environment is told by other environments, which leaving out one by one never asks.
 */
function loss(points: readonly WidthPoint[], variances: Variances): number {
  const { process } = fitCurves(points, variances);
  const { factor, weights, samples } = process;
  const [weight, target] = [weights[0] as Float64Array, samples.targets[0] as readonly number[]];
  let sum = 0;
  for (let i = 0; i < factor.n; i++)
    sum += Math.log(factor.values[(i * (i + 3)) / 2] as number) + ((weight[i] as number) * (target[i] as number)) / 2;
  return sum;
}

/**
 * A coordinate search from `START`, so it is deterministic and never ends worse than it. A step costs one fit: some hundred
 * fits of n³ in all.
 */
export function tuneVariances(points: readonly WidthPoint[]): Variances {
  if (points.length < FEWEST_POINTS) return START;
  let best = START;
  let least = loss(points, best);
  for (let pass = 0; pass < PASSES; pass++)
    for (const key of Object.keys(START) as (keyof Variances)[])
      for (const step of STEPS) {
        const tried = { ...best, [key]: best[key] * step };
        const reached = loss(points, tried);
        if (reached < least) [best, least] = [tried, reached];
      }
  return best;
}
