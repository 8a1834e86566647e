/** Measurements of a few minutes: the truth times seeded noise, the same for the same cap. */

import { normal } from '../../../operator/sim/synthetic/distributions.ts';
import { randomStream } from '../../../operator/sim/synthetic/random.ts';
import type { Probe } from '../../../predictors/energy/caps.ts';
import type { Effect } from '../../../predictors/energy/sample.ts';

/** `noise`: standard deviation of a measured slowdown and of a measured power, as a share of it. */
export function noisy(truth: ReadonlyMap<number, Effect>, noise: number, seed: number): Probe {
  const random = randomStream(seed, 'first minutes');
  const factors = new Map([...truth.keys()].map((cap) => [cap, [normal(random), normal(random)] as const]));
  return (cap) => {
    const { watts, slowdown } = truth.get(cap) as Effect;
    const [power = 0, time = 0] = factors.get(cap) ?? [];
    return { watts: watts * (1 + noise * power), slowdown: slowdown * (1 + noise * time) };
  };
}
