/** Columns of runs like the one asked for: near ones of the user, exact repeats, and the program in others' hands. */
import type { Asked } from '../run.ts';
import type { Account } from './account.ts';
import { logOf, programOf } from './past.ts';
import type { Recent } from './recent.ts';
import { atSizes } from './sizes/law.ts';
import type { Sized } from './sizes/sized.ts';

export const ALIKE = [
  'nearMean',
  'nearShare',
  'nearQuick',
  'nearSpread',
  'nearWeight',
  'repeats',
  'repeatLast',
  'repeatLast2',
  'repeatMean',
  'repeatQuick',
  'repeatFailed',
  'repeatAge',
  'programRuns',
  'programMean',
  'poolMean',
  'sizedMean',
  'sizedSpread',
] as const;

const UNKNOWN = -1;

/** What one run counts less than the next younger one. */
const FADE = 0.95;
/** Widths of the kernel in log limit and in log ranks. */
const LIMIT_WIDTH = 0.3;
const RANKS_WIDTH = 0.5;
/** What a run of another program counts. */
const OTHER_PROGRAM = 0.2;

/** The mean of the runs like this one, weighted by a Gaussian kernel and by age. */
export type Near = {
  /** Mean log run; NaN without runs. */
  readonly mean: number;
  /** Mean of log run less log limit. */
  readonly share: number;
  readonly quick: number;
  readonly spread: number;
  /** Sum of the weights: how much is known. */
  readonly weight: number;
};

const NOTHING: Near = { mean: UNKNOWN, share: UNKNOWN, quick: UNKNOWN, spread: UNKNOWN, weight: 0 };

export function nearOf(asked: Asked, recent: Recent): Near {
  const limit = logOf(asked.limit);
  const ranks = logOf(asked.ranks);
  const program = programOf(asked);
  let [sum, squares, shares, quick, weight, fade] = [0, 0, 0, 0, 0, 1];
  for (let age = 0; age < recent.size; age++, fade *= FADE) {
    const at = recent.at(age);
    const a = (recent.limit(at) - limit) / LIMIT_WIDTH;
    const b = (recent.ranks(at) - ranks) / RANKS_WIDTH;
    const own = fade * Math.exp(-0.5 * (a * a + b * b)) * (recent.program(at) === program ? 1 : OTHER_PROGRAM);
    const log = recent.log(at);
    weight += own;
    sum += own * log;
    squares += own * log * log;
    shares += own * (log - recent.limit(at));
    if (recent.wasQuick(at)) quick += own;
  }
  if (weight < 1e-9) return NOTHING;
  const mean = sum / weight;
  const spread = Math.sqrt(Math.max(0, squares / weight - mean * mean));
  return { mean, share: shares / weight, quick: quick / weight, spread, weight };
}

/** Runs of the same program at the same limit and width, of those that the ring holds, latest first. */
function repeatsOf(asked: Asked, recent: Recent): readonly number[] {
  const limit = logOf(asked.limit);
  const ranks = logOf(asked.ranks);
  const program = programOf(asked);
  const found: number[] = [];
  for (let age = 0; age < recent.size; age++) {
    const at = recent.at(age);
    if (recent.limit(at) === limit && recent.ranks(at) === ranks && recent.program(at) === program) found.push(at);
  }
  return found;
}

const REPEATS = 5;

function meanLog(recent: Recent | undefined): number {
  if (recent === undefined || recent.size === 0) return UNKNOWN;
  let sum = 0;
  for (let age = 0; age < recent.size; age++) sum += recent.log(recent.at(age));
  return sum / recent.size;
}

/** Writes the columns of ALIKE from `at` on, as they are at `now`; returns where the next ones go. */
export function writeAlike(
  asked: Asked,
  known: {
    readonly account: Account | undefined;
    readonly program: Recent | undefined;
    readonly pool: Recent | undefined;
    readonly sized: Sized | undefined;
  },
  now: number,
  out: Float64Array,
  at: number,
): number {
  const recent = known.account?.recent;
  const near = recent ? nearOf(asked, recent) : NOTHING;
  const repeats = recent ? repeatsOf(asked, recent) : [];
  const values = [near.mean, near.share, near.quick, near.spread, near.weight, repeats.length];
  if (recent === undefined || repeats.length === 0) values.push(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
  else {
    const lately = repeats.slice(0, REPEATS);
    const logs = lately.map((slot) => recent.log(slot));
    values.push(
      logs[0] as number,
      logs[1] ?? UNKNOWN,
      logs.reduce((sum, log) => sum + log, 0) / logs.length,
      lately.filter((slot) => recent.wasQuick(slot)).length / lately.length,
      lately.filter((slot) => recent.hasFailed(slot)).length / lately.length,
      Math.log1p(Math.max(0, now - recent.endedAt(lately[0] as number))),
    );
  }
  const { program, pool, sized } = known;
  values.push(program?.size ?? 0, meanLog(program), meanLog(pool));
  const { mean, spread } = sized ? atSizes(sized.law, sized.sizes) : { mean: UNKNOWN, spread: UNKNOWN };
  values.push(mean, spread);
  out.set(values, at);
  return at + ALIKE.length;
}
