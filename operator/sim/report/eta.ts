/** Were the starts where the plan said they would be? */
import type { EtaInterval, JobResult } from '../results.ts';
import { wait } from './metrics.ts';
import { recentWaits } from './recentWaits.ts';
import type { EtaAccuracy, EtaSummary } from './schema.ts';
import { mean, median, shareOf } from './stats.ts';

/** The interval is meant to hold nine starts of ten. */
const ALPHA = 0.1;

/** An estimate with both its ends, and what came true. */
type Judged = {
  readonly earliest: number;
  readonly expected: number;
  readonly latest: number;
  readonly start: number;
};

/** Gneiting and Raftery (2007), section 6.2: narrow is good, a miss costs 2 / alpha times its distance. */
function intervalScore({ earliest, latest, start }: Judged): number {
  const miss = Math.max(0, earliest - start) + Math.max(0, start - latest);
  return latest - earliest + (2 / ALPHA) * miss;
}

function accuracyOf(estimates: readonly Judged[]): EtaAccuracy | undefined {
  if (estimates.length === 0) return undefined;
  return {
    jobs: estimates.length,
    inside: shareOf(estimates, ({ earliest, latest, start }) => earliest <= start && start <= latest),
    before: shareOf(estimates, ({ earliest, start }) => start < earliest),
    after: shareOf(estimates, ({ latest, start }) => start > latest),
    medianError: median(estimates.map(({ expected, start }) => Math.abs(start - expected))),
    meanLength: mean(estimates.map(({ earliest, latest }) => latest - earliest)),
    intervalScore: mean(estimates.map(intervalScore)),
  };
}

function judged(job: JobResult): Judged | undefined {
  if (job.eta?.latest === undefined) return undefined;
  const { earliest, expected, latest } = job.eta;
  return { earliest, expected, latest, start: job.start };
}

/** A second or more; what starts sooner was not kept waiting. */
const hasWaited = (job: JobResult) => wait(job) >= 1;

const present = <T>(value: T | undefined): value is T => value !== undefined;

/** Undefined when no job was given an estimate. */
export function etaSummary(jobs: readonly JobResult[]): EtaSummary | undefined {
  const estimated = jobs.filter((job): job is JobResult & { eta: EtaInterval } => job.eta !== undefined);
  if (estimated.length === 0) return undefined;
  const closed = estimated.filter(({ eta }) => eta.latest !== undefined);
  const all = accuracyOf(closed.map(judged).filter(present));
  const waited = accuracyOf(closed.filter(hasWaited).map(judged).filter(present));
  const waiting = jobs.filter(hasWaited);
  const against = againstRecentWaits(jobs);
  return {
    share: estimated.length / jobs.length,
    ...(waiting.length > 0 && { shareOfWaited: shareOf(waiting, ({ eta }) => eta !== undefined) }),
    medianError: median(estimated.map(({ eta, start }) => Math.abs(start - eta.expected))),
    open: estimated.length - closed.length,
    ...(all && { all }),
    ...(waited && { waited }),
    ...(against && { against }),
  };
}

/** The forecast to beat needs no plan: the waits of those who started last. Both are judged on the same jobs. */
function againstRecentWaits(jobs: readonly JobResult[]): EtaSummary['against'] {
  const own: Judged[] = [];
  const forecasts: Judged[] = [];
  for (const { job, ...forecast } of recentWaits(jobs, ALPHA)) {
    const estimate = judged(job);
    if (!estimate) continue;
    own.push(estimate);
    forecasts.push({ ...forecast, start: job.start });
  }
  const [plan, recent] = [accuracyOf(own), accuracyOf(forecasts)];
  return plan && recent ? { plan, recentWaits: recent } : undefined;
}
