/**
 * What is known of a job before any model is: the most specific runs there are, rung by rung, and an interval that is
 * the wider the less specific they are.
 */
import type { Account } from '../features/account.ts';
import { logOf, type Past, programOf } from '../features/past.ts';
import type { Recent } from '../features/recent.ts';
import type { Asked } from '../run.ts';
import { type Guess, normalGuess, quickOf } from './distribution.ts';

/** From the most specific: see ladderOf. */
export const RUNGS = ['repeat', 'sized', 'program', 'others', 'similar', 'user', 'pool', 'all', 'nothing'] as const;

export type Rung = (typeof RUNGS)[number];

/** Log run times of similar programs, from whoever knows them; the nearest first. */
export type Similar = (asked: Asked) => readonly number[];

export type Ladder = { readonly guess: Guess; readonly rung: Rung; readonly support: number };

const FEW = 3;
const MANY = 15;

/** Of one user's runs of a program at most so many speak for all. */
const PER_USER = 3;

/** Spread of log run times where nothing is known, and how many runs that belief is worth. */
const PRIOR_SPREAD = 2;
const PRIOR_RUNS = 2;

/** An hour, where there is neither a limit nor history. */
const PRIOR_MEDIAN = Math.log(3600);

/** How much wider the interval gets with every rung. */
const WIDER = 0.12;

type Sample = number[];

/** Looks through a ring, latest first, until `MANY` runs are found. */
function gather(recent: Recent | undefined, pick: (at: number) => number | undefined): Sample {
  const found: Sample = [];
  if (recent === undefined) return found;
  for (let age = 0; age < recent.size && found.length < MANY; age++) {
    const log = pick(recent.at(age));
    if (log !== undefined) found.push(log);
  }
  return found;
}

/** The same, with at most so many runs of each user. */
function shared(recent: Recent | undefined, pick: (at: number) => number | undefined, perUser: number): Sample {
  const taken = new Map<number, number>();
  return gather(recent, (at) => {
    const user = (recent as Recent).user(at);
    const before = taken.get(user) ?? 0;
    if (before >= perUser) return undefined;
    const log = pick(at);
    if (log !== undefined) taken.set(user, before + 1);
    return log;
  });
}

/** A run as the asked job would last, if it used as much of its limit. */
function scaled(recent: Recent, limit: number): (at: number) => number | undefined {
  return (at) => {
    if (limit === 0) return recent.log(at);
    return recent.limit(at) > 0 ? recent.log(at) - recent.limit(at) + limit : undefined;
  };
}

function rungsOf(
  asked: Asked,
  past: Past,
  account: Account | undefined,
  similar: Similar | undefined,
): readonly (readonly [Exclude<Rung, 'sized' | 'nothing'>, () => Sample])[] {
  const limit = logOf(asked.limit);
  const ranks = logOf(asked.ranks);
  const program = programOf(asked);
  const own = account?.recent;
  const isSame = (ring: Recent, at: number) => program !== 0 && ring.program(at) === program;
  const isRepeat = (ring: Recent, at: number) =>
    ring.limit(at) === limit && ring.ranks(at) === ranks && ring.program(at) === program;
  const ownIf = (test: (ring: Recent, at: number) => boolean) => () =>
    gather(own, (at) => (own && test(own, at) ? own.log(at) : undefined));
  const anybody = (ring: Recent | undefined) => () => (ring ? shared(ring, scaled(ring, limit), PER_USER) : []);
  const ring = past.program(asked);
  return [
    ['repeat', ownIf(isRepeat)],
    ['program', ownIf(isSame)],
    ['others', () => shared(ring, (at) => ring?.log(at), PER_USER)],
    ['similar', () => [...(similar?.(asked) ?? [])].slice(0, MANY)],
    ['user', () => (own ? gather(own, scaled(own, limit)) : [])],
    ['pool', anybody(past.pool(asked))],
    ['all', anybody(past.all)],
  ];
}

function guessOf(sample: Sample, rung: number): Guess {
  const sorted = sample.toSorted((a, b) => a - b);
  const median = ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
  let squares = PRIOR_RUNS * PRIOR_SPREAD ** 2;
  let quick = 0;
  for (const log of sample) {
    squares += (log - median) ** 2;
    quick += quickOf(Math.exp(log));
  }
  const spread = Math.sqrt(squares / (sample.length + PRIOR_RUNS)) * (1 + WIDER * rung);
  return normalGuess(median, spread, quick / sample.length);
}

/**
 * The first rung with three runs at least, else the first with any, else the limit with a wide interval. `sized`: what
 * runs at other sizes say, surer than any rung but repeats.
 */
export function ladderOf(asked: Asked, past: Past, similar?: Similar, sized?: Omit<Ladder, 'rung'>): Ladder {
  let thin: Ladder | undefined;
  for (const [height, [rung, sampleOf]] of rungsOf(asked, past, past.account(asked), similar).entries()) {
    if (height > 0 && sized) return { ...sized, rung: 'sized' };
    const sample = sampleOf();
    if (sample.length === 0) continue;
    const ladder = { guess: guessOf(sample, height), rung, support: sample.length };
    if (sample.length >= FEW) return ladder;
    thin ??= ladder;
  }
  if (thin) return thin;
  const median = asked.limit === undefined ? PRIOR_MEDIAN : Math.log(asked.limit / 2);
  return { guess: normalGuess(median, PRIOR_SPREAD, 0.1), rung: 'nothing', support: 0 };
}
