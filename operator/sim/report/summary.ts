/** What one simulated run comes down to. Pure: the same result gives the same summary, byte for byte. */
import type { JobResult, RunResult } from '../results.ts';
import { etaSummary } from './eta.ts';
import { figuresOf, groupings } from './groups.ts';
import { lifeSummary } from './lives.ts';
import { area } from './metrics.ts';
import { poolSummaries } from './pools.ts';
import { predictionSummary } from './predictions.ts';
import { promiseSummary } from './promises.ts';
import { FORMAT, type Summary } from './schema.ts';

/** Share of the workload in which predictors learn and the machine fills: left out of the second population. */
const WARM_UP = 0.2;

/**
 * Times in seconds, shares from 0 to 1. What the run does not carry is absent. The planner's wall time is not part of
 * it: a seed does not reproduce it.
 */
export function summary(result: RunResult): Summary {
  const { jobs, never } = result;
  const all = figuresOf(jobs);
  const first = Math.floor(WARM_UP * (jobs.length + never.length));
  const last80 = figuresOf(jobs.filter(({ index }) => index >= first));
  const eta = etaSummary(jobs);
  const predictions = predictionSummary(jobs);
  const promises = promiseSummary(jobs);
  const lives = lifeSummary(jobs);
  return {
    format: FORMAT,
    setup: { ...result.setup },
    jobs: jobs.length,
    ...loadOf(result),
    ...(all && { all }),
    ...(last80 && { last80 }),
    ...groupings(jobs),
    starts: startsOf(jobs),
    reasons: reasonsOf(jobs),
    ...(eta && { eta }),
    ...(predictions && { predictions }),
    ...(promises && { promises }),
    ...(lives && { lives }),
    pools: poolSummaries(result.pools, result.series),
    never: neverOf(never),
    broken: [...result.broken],
  };
}

function loadOf({ jobs, pools }: RunResult): Pick<Summary, 'offeredLoad' | 'makespan' | 'utilisation'> {
  const units = pools.reduce((sum, pool) => sum + pool.units, 0);
  const [first, last] = [jobs[0], jobs.at(-1)];
  if (!first || !last || units === 0) return {};
  let end = first.end;
  let work = 0;
  for (const job of jobs) {
    end = Math.max(end, job.end);
    work += area(job);
  }
  const span = last.submit - first.submit;
  const makespan = end - first.submit;
  return {
    ...(span > 0 && { offeredLoad: work / (units * span) }),
    makespan,
    ...(makespan > 0 && { utilisation: work / (units * makespan) }),
  };
}

function startsOf(jobs: readonly JobResult[]): Summary['starts'] {
  const backfill = jobs.filter(({ startedBy }) => startedBy === 'backfill').length;
  const backfillShare = jobs.length > 0 && { backfillShare: backfill / jobs.length };
  return { head: jobs.length - backfill, backfill, ...backfillShare };
}

function reasonsOf(jobs: readonly JobResult[]): Summary['reasons'] {
  const found = new Map<string, { seconds: number; jobs: number }>();
  let total = 0;
  for (const { reasons } of jobs) {
    for (const [reason, seconds] of Object.entries(reasons)) {
      const sum = found.get(reason) ?? { seconds: 0, jobs: 0 };
      found.set(reason, { seconds: sum.seconds + seconds, jobs: sum.jobs + 1 });
      total += seconds;
    }
  }
  return [...found]
    .map(([reason, sum]) => ({ reason, ...sum, share: total > 0 ? sum.seconds / total : 0 }))
    .toSorted((a, b) => b.seconds - a.seconds || b.jobs - a.jobs);
}

function neverOf(never: RunResult['never']): Summary['never'] {
  const reasons = [...Map.groupBy(never, ({ reason }) => reason)].map(([reason, jobs]) => {
    const example = jobs[0] as RunResult['never'][number];
    return { reason, jobs: jobs.length, example: example.id, message: example.message };
  });
  return { jobs: never.length, reasons: reasons.toSorted((a, b) => b.jobs - a.jobs) };
}
