/** The experts that need no training: what the user says, what the user's last two runs took, and runs like this one, also of other sizes. */
import { nearOf } from '../features/alike.ts';
import { logOf, type Past } from '../features/past.ts';
import { atSizes, overResiduals } from '../features/sizes/law.ts';
import type { Asked } from '../run.ts';
import { type Guess, normalGuess, quickOf } from './distribution.ts';

/** Spread of log run times around an expert that names only one number, until its errors are known. */
const UNKNOWN_SPREAD = 1.5;

const Z_UNKNOWN = 0.1;

/** Of kernel weight this much is as good as what all jobs do. */
const PRIOR_WEIGHT = 0.5;

/** The user's own limit; without one, what the ladder says. */
export function limitGuess(asked: Asked, ladder: Guess): Guess {
  return asked.limit === undefined ? ladder : normalGuess(Math.log(asked.limit), UNKNOWN_SPREAD, Z_UNKNOWN);
}

/** Mean of the user's last two runs, cut to the limit (Tsafrir et al., TPDS 2007); without one, the ladder's. */
export function lastTwoGuess(asked: Asked, past: Past, ladder: Guess): Guess {
  const recent = past.account(asked)?.recent;
  if (recent === undefined || recent.size === 0) return ladder;
  let sum = 0;
  const count = Math.min(2, recent.size);
  for (let age = 0; age < count; age++) sum += Math.exp(recent.log(recent.at(age)));
  const mean = Math.min(sum / count, asked.limit ?? Number.POSITIVE_INFINITY);
  return normalGuess(Math.log(mean), UNKNOWN_SPREAD, ladder.at(-1) as number);
}

/** The kernel-weighted mean of the user's runs like this one, drawn to the ladder where they are few. */
export function nearGuess(asked: Asked, past: Past, ladder: Guess): Guess {
  const recent = past.account(asked)?.recent;
  if (recent === undefined) return ladder;
  const near = nearOf(asked, recent);
  if (near.weight === 0) return ladder;
  const trust = near.weight / (near.weight + PRIOR_WEIGHT);
  const limit = logOf(asked.limit);
  const mean = limit > 0 ? (near.mean + near.share + limit) / 2 : near.mean;
  const guess = normalGuess(mean, Math.max(0.3, near.spread), near.quick);
  return guess.map((value, head) => trust * value + (1 - trust) * (ladder[head] as number));
}

/** What the program's runs at other sizes say of this one; undefined where they say nothing. */
export function sizedGuess(asked: Asked, past: Past): { readonly guess: Guess; readonly support: number } | undefined {
  const sized = past.sized(asked);
  if (sized === undefined) return undefined;
  const { law, sizes } = sized;
  const { mean, spread } = atSizes(law, sizes);
  const quick = overResiduals(law, mean, (log) => quickOf(Math.exp(log)));
  return { guess: normalGuess(mean, spread, quick), support: law.weights.length };
}
