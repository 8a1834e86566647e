/** How long a gang will run, as far as anybody knows, and when a running one ends. Seconds. */
import type { ChargedGang, Prediction, WaitingGang } from '../model.ts';
import type { Estimate, Policy } from './policy.ts';

type Known = Pick<WaitingGang, 'time' | 'predictions'>;

/** More than any width. */
const FAR = 1e9;

/**
 * The prediction for a pool and width: one for that pool before one for all, and of those the one for exactly that width,
 * else for the nearest, else for all widths.
 */
export function predictionFor({ predictions }: Known, pool?: string, members?: number): Prediction | undefined {
  if (!predictions) return undefined;
  let best: Prediction | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const prediction of predictions) {
    if (prediction.pool !== undefined && prediction.pool !== pool) continue;
    const apart = prediction.members === undefined ? FAR : Math.abs(prediction.members - (members ?? 0));
    const far = apart + (prediction.pool === undefined ? 2 * FAR : 0);
    if (far < distance) [best, distance] = [prediction, far];
  }
  return best;
}

/** The run time that the policy means by `estimate`: never below 1 s, never above the walltime. */
export function runOf(gang: Known, prediction: Prediction | undefined, estimate: Estimate, policy: Policy): number {
  const { time } = gang;
  const run = estimate === 'limit' ? (time ?? prediction?.q90) : (prediction?.[estimate] ?? time);
  return Math.max(1, Math.min(run ?? policy.unlimited, time ?? Number.POSITIVE_INFINITY));
}

/**
 * When a running gang ends by its estimate `run`. One that has outrun it is expected to need half as long again as it
 * has run, a minute at least, but no longer than its walltime: as Tsafrir et al. correct expired predictions
 * ("Backfilling using system-generated predictions", TPDS 2007). One past its walltime should end at any moment.
 */
export function endOf({ startedAt, time }: ChargedGang, run: number, now: number): number {
  const end = startedAt + run;
  if (end > now) return end;
  const extended = now + Math.max(60, 0.5 * (now - startedAt));
  const limit = time === undefined ? Number.POSITIVE_INFINITY : startedAt + time;
  return Math.max(now + 1, Math.min(limit, extended));
}

/** The run time of a gang whose parts run in these pools at these widths: they end together, so the longest counts. */
export function runOfParts(
  gang: Known,
  parts: readonly { readonly pool: string; readonly members: number }[],
  estimate: Estimate,
  policy: Policy,
): number {
  let longest = 0;
  for (const { pool, members } of parts) {
    longest = Math.max(longest, runOf(gang, predictionFor(gang, pool, members), estimate, policy));
  }
  return longest;
}
