/**
 * The power-cap law: flat while a program draws less than the cap lets it, then it bends. Everything is a share of the
 * accelerator's largest power. What a cap c lets a program draw is C(c) = a c + b, and
 *
 *   P  = p0 ((1 + (p0 / C(1))ⁿ) / (1 + (p0 / C(c))ⁿ))^(1/n)     z = 1 − P / p0
 *   T / T0 = 1 + k zᵐ / (1 − z)ᶜ
 *
 * With n → ∞ that is P = min(p0, a c + b). A finite n rounds the knee, because power is a mean over time: bursts above the
 * cap are cut while the mean is still below it. It also counts that the "uncapped" run met the largest cap.
 */
import type { Load } from './sample.ts';

export type Law = {
  /** a and b of what a cap lets a program draw. */
  readonly slope: number;
  readonly offset: number;
  /** n of the knee. */
  readonly sharpness: number;
  /** k, m and c of the slowdown. */
  readonly gain: number;
  readonly bend: number;
  readonly depth: number;
};

/** What nothing draws less than: keeps powers of ratios finite while a fit searches. */
const LEAST_POWER = 0.02;
/** 1 − z is held at it, for the same reason. */
const LEAST_REST = 0.1;

/** The share of the largest power that is drawn, and the run time over the uncapped one, never below 1. */
export function effectOf(law: Law, { uncapped, cap }: Load): { readonly power: number; readonly slowdown: number } {
  const { slope, offset, sharpness: n, gain, bend, depth } = law;
  const pressed = (cap: number) => 1 + (uncapped / Math.max(LEAST_POWER, slope * cap + offset)) ** n;
  const power = uncapped * Math.min(1, (pressed(1) / pressed(cap)) ** (1 / n));
  const lost = 1 - power / uncapped;
  const slowdown = 1 + (gain * lost ** bend) / Math.max(LEAST_REST, 1 - lost) ** depth;
  return { power, slowdown };
}
