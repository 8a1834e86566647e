/** A prediction after the first minutes of a run: what it measured at one cap corrects what is said of the others. */
import type { Effect } from './sample.ts';

/** What some minutes under a cap showed, beside some minutes without. */
export type Early = { readonly cap: number; readonly predicted: Effect; readonly measured: Effect };

export type Corrected = Effect & {
  /** How far off the log slowdown may be: the measurement's own noise, and more the further it was carried. */
  readonly spread: number;
};

/** A log slowdown of this size is as likely noise as effect: it draws the correction towards none. */
const SHRINK = 0.02;
/** Noise of a few minutes' log slowdown. */
const NOISE = 0.01;

/**
 * A prediction at another cap, scaled by what the one at the nearest measured cap was off by: the log slowdown by the
 * ratio of measured to predicted log slowdown, the power by the ratio of powers, less the further the caps lie apart.
 * Throws without a measurement.
 */
export function corrected(predicted: Effect, cap: number, early: readonly Early[]): Corrected {
  const apart = (one: Early) => Math.abs(Math.log(one.cap / cap));
  const nearest = early.reduce((best, one) => (apart(one) < apart(best) ? one : best));
  const { measured } = nearest;
  if (nearest.cap === cap) return { ...measured, spread: NOISE };
  const seen = Math.max(0, Math.log(measured.slowdown));
  const ratio = (seen + SHRINK) / (Math.log(nearest.predicted.slowdown) + SHRINK);
  const log = Math.log(predicted.slowdown) * ratio;
  const share = Math.min(cap, nearest.cap) / Math.max(cap, nearest.cap);
  return {
    watts: predicted.watts * (measured.watts / nearest.predicted.watts) ** share,
    slowdown: Math.exp(log),
    spread: NOISE + Math.abs(log - seen),
  };
}
