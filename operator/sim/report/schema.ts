/** What a run leaves on disk, as read back: jobs.jsonl and summary.json. The types of the summary come from here. */
import { z } from 'zod';
import type { JobResult } from '../results.ts';

/** Raised when the meaning of a field changes; readers refuse what they do not know. */
export const FORMAT = 1;

/** JSON has no infinite numbers: these are written as text. */
const INFINITE = ['Infinity', '-Infinity', 'NaN'] as const;

const seconds = z.number();
const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

const quantiles = z.object({ q10: seconds, q50: seconds, q90: seconds });

export const jobSchema: z.ZodType<JobResult> = z.object({
  id: z.string().min(1),
  index: count,
  submit: seconds,
  eligible: seconds,
  start: seconds,
  end: seconds,
  run: seconds.nonnegative(),
  limit: seconds.exactOptional(),
  width: z.number().positive(),
  queue: z.string(),
  user: z.string().exactOptional(),
  pools: z.array(z.string()),
  placements: z.array(z.object({ node: z.string(), members: count })),
  domains: count,
  startedBy: z.enum(['head', 'backfill']),
  orderKey: z.union([z.number(), z.enum(INFINITE).transform(Number)]),
  reservation: z.object({ first: seconds, last: seconds, moved: count }).exactOptional(),
  eta: z.object({ at: seconds, earliest: seconds, expected: seconds, latest: seconds.exactOptional() }).exactOptional(),
  predicted: z.object({ submit: quantiles, start: quantiles }).exactOptional(),
  expired: z.boolean(),
  reasons: z.record(z.string(), seconds),
  life: z
    .object({
      state: z.enum(['Succeeded', 'Failed']),
      reason: z.string(),
      attempts: count,
      ran: seconds.nonnegative(),
      firstStart: seconds,
      lost: z.number().nonnegative(),
    })
    .exactOptional(),
});

const distribution = z.object({
  mean: z.number(),
  median: z.number(),
  p95: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
});

/** Of a group of at least one job: wait and completion time in seconds, slowdown as a ratio. */
const figures = z.object({ jobs: count.min(1), wait: distribution, bsld: distribution, jct: distribution });

const group = figures.extend({
  name: z.string(),
  /** Of all jobs' units times seconds. */
  share,
});

const users = z.object({
  users: count,
  /** Jobs that name no user: left out of what follows. */
  unnamed: count,
  /** Jain's index over the users' mean slowdown: 1 when all are slowed alike. */
  jainBsld: share.exactOptional(),
  /** Those with the highest mean slowdown, as many as fit a screen. */
  worst: z.array(group),
});

const pool = z.object({
  pool: z.string(),
  nodes: count,
  units: z.number(),
  /** Means over time, of the pool's units and of its free units; absent where the series has no extent. */
  overTime: z
    .object({ used: z.number(), reserved: z.number(), fragmentation: z.number(), waiting: z.number() })
    .exactOptional(),
});

const accuracy = z.object({
  jobs: count.min(1),
  /** Share of starts inside [earliest, latest], before it and after it. */
  inside: share,
  before: share,
  after: share,
  /** Median of |start - expected|, seconds. */
  medianError: seconds,
  /** Mean of latest - earliest, seconds. */
  meanLength: seconds,
  /** Winkler's, seconds: length plus 2 / alpha times the miss, alpha 0.1; less is better. */
  intervalScore: seconds,
});

const eta = z.object({
  /** Jobs with an estimate, of all and of those that waited a second or more. */
  share,
  shareOfWaited: share.exactOptional(),
  /** Median of |start - expected| over all estimates, seconds. */
  medianError: seconds,
  /** Estimates that name no latest start: not in the figures below. */
  open: count,
  all: accuracy.exactOptional(),
  /** Jobs that waited: the others say little about foresight. */
  waited: accuracy.exactOptional(),
  /** The same jobs judged by the plan's interval and by the quantiles of the last waits before their submission. */
  against: z.object({ plan: accuracy, recentWaits: accuracy }).exactOptional(),
});

/** Of median predictions of the run time, and of their 80 % interval. */
const prediction = z.object({
  jobs: count.min(1),
  /** Mean of min / max of predicted and run. */
  acc: share,
  /** Mean of |log10(predicted / run)|. */
  male: z.number(),
  /** Mean of |predicted - run|, seconds. */
  mae: seconds,
  /** Share of runs longer than predicted. */
  under: share,
  /** Share of runs in [q10, q90], and of runs up to q90. */
  inside: share,
  belowQ90: share,
});

const predictions = z.object({
  submit: prediction,
  start: prediction,
  /** Jobs that ran longer than planned, of those with a prediction. */
  expired: share,
  /** At submission, for every 2,000 predicted jobs in order of submission; `from` is the index of the first. */
  moving: z.array(prediction.extend({ from: count })),
});

const promises = z.object({
  /** Jobs that were promised a start, and their share of all. */
  jobs: count,
  share,
  /** Jobs whose promise was moved later at least once, and the moves in all. */
  moved: count,
  moves: count,
  /** Jobs whose last promise was later than their first, and by how many seconds: other moves were made good. */
  later: count,
  laterBy: distribution.exactOptional(),
  /** Jobs that started after their first promise, and by how many seconds. */
  late: count,
  lateBy: distribution.exactOptional(),
});

const lives = z.object({
  succeeded: count,
  failed: count,
  /** Of those that failed, the most frequent first. */
  reasons: z.array(z.object({ reason: z.string(), jobs: count })),
  /** Jobs that were started more than once, and the starts of all. */
  retried: count,
  attempts: count,
  /** Units times seconds held by attempts that did not end well, and their share of all that was held. */
  lost: z.number().nonnegative(),
  lostShare: share,
});

export const summarySchema = z.object({
  format: z.literal(FORMAT),
  setup: z.record(z.string(), z.unknown()),
  jobs: count,
  /** Units times seconds of all jobs, over the machine's units times the span of submissions; absent without a span. */
  offeredLoad: z.number().exactOptional(),
  /** First submission to last end, seconds. */
  makespan: seconds.exactOptional(),
  /** Units times seconds in use, over the machine's units times the makespan. */
  utilisation: z.number().exactOptional(),
  all: figures.exactOptional(),
  /** Without the first fifth, in which predictors learn and the machine fills. */
  last80: figures.exactOptional(),
  byWidth: z.array(group),
  byLength: z.array(group),
  byQueue: z.array(group),
  users,
  starts: z.object({ head: count, backfill: count, backfillShare: share.exactOptional() }),
  /** Seconds waited by reason, the largest first. */
  reasons: z.array(z.object({ reason: z.string(), seconds, share, jobs: count })),
  eta: eta.exactOptional(),
  predictions: predictions.exactOptional(),
  promises: promises.exactOptional(),
  lives: lives.exactOptional(),
  pools: z.array(pool),
  /** Jobs that can never start on this machine. */
  never: z.object({
    jobs: count,
    reasons: z.array(z.object({ reason: z.string(), jobs: count, example: z.string(), message: z.string() })),
  }),
  broken: z.array(z.string()),
});

export type Summary = z.infer<typeof summarySchema>;
export type Figures = z.infer<typeof figures>;
export type Group = z.infer<typeof group>;
export type EtaSummary = z.infer<typeof eta>;
export type EtaAccuracy = z.infer<typeof accuracy>;
export type PredictionSummary = z.infer<typeof predictions>;
export type PredictionAccuracy = z.infer<typeof prediction>;
export type LifeSummary = z.infer<typeof lives>;
export type PromiseSummary = z.infer<typeof promises>;
