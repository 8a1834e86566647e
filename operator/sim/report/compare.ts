/** Two runs of the same jobs against each other: no claim without an interval. */
import type { JobResult } from '../results.ts';
import { bootstrap, FEWEST_BLOCKS, type Interval } from './bootstrap.ts';
import { ReportError } from './error.ts';
import { METRICS, type Metric } from './metrics.ts';
import { mean } from './stats.ts';

export type CompareOptions = {
  /** Consecutive jobs, in the first run's order of submission, that are drawn together; absent: `ownWindow`. */
  readonly window?: number;
  readonly resamples?: number;
  readonly seed?: number;
};

type MetricComparison = Interval & { readonly metric: Metric; readonly first: number; readonly second: number };

export type Comparison = {
  readonly jobs: number;
  /** Jobs that only one of the runs holds: left out. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Pairs that are not the same job in all they should share: a hint that the runs differ in more than the policy. */
  readonly unlike: { readonly submit: number; readonly run: number; readonly width: number };
  readonly window: number;
  readonly resamples: number;
  readonly seed: number;
  /** Less is better in all of them; `difference` is second minus first. */
  readonly metrics: readonly MetricComparison[];
};

type Run = { readonly name: string; readonly jobs: readonly JobResult[] };
type Pair = { readonly first: JobResult; readonly second: JobResult };

const RESAMPLES = 2000;

/**
 * As long as the root of the number of jobs, which grows with the run as blocks must, but at least ten windows: waits
 * of neighbours depend on each other.
 */
export function ownWindow(jobs: number): number {
  return Math.max(1, Math.min(Math.floor(Math.sqrt(jobs)), Math.floor(jobs / FEWEST_BLOCKS)));
}

/** Throws ReportError when the runs share no job, when one holds an id twice, or when the window is no count of jobs. */
export function compare(first: Run, second: Run, options: CompareOptions = {}): Comparison {
  const pairs = pairsOf(first, second);
  const window = options.window ?? ownWindow(pairs.length);
  if (!Number.isInteger(window) || window < 1 || window > pairs.length) {
    throw new ReportError(
      `window is ${window}: give a whole number of jobs from 1 to the ${pairs.length} that both runs hold`,
    );
  }
  const { resamples = RESAMPLES, seed = 1 } = options;
  const differ = (key: 'submit' | 'run' | 'width') =>
    pairs.filter((pair) => pair.first[key] !== pair.second[key]).length;
  return {
    jobs: pairs.length,
    onlyFirst: first.jobs.length - pairs.length,
    onlySecond: second.jobs.length - pairs.length,
    unlike: { submit: differ('submit'), run: differ('run'), width: differ('width') },
    window,
    resamples,
    seed,
    metrics: (Object.keys(METRICS) as Metric[]).map((metric) => {
      const of = METRICS[metric];
      const differences = pairs.map((pair) => of(pair.second) - of(pair.first));
      return {
        metric,
        first: mean(pairs.map((pair) => of(pair.first))),
        second: mean(pairs.map((pair) => of(pair.second))),
        ...bootstrap(differences, { block: window, resamples, seed }),
      };
    }),
  };
}

function pairsOf(first: Run, second: Run): Pair[] {
  const byId = indexed(second);
  indexed(first);
  const pairs = first.jobs.flatMap((job) => {
    const other = byId.get(job.id);
    return other ? [{ first: job, second: other }] : [];
  });
  if (pairs.length > 0) return pairs;
  const example = ({ name, jobs }: Run) => (jobs[0] ? `${name} holds e.g. ${jobs[0].id}` : `${name} holds no job`);
  throw new ReportError(
    `the runs have no job in common (${example(first)}, ${example(second)}): compare runs of the same trace`,
  );
}

function indexed({ name, jobs }: Run): Map<string, JobResult> {
  const byId = new Map<string, JobResult>();
  for (const job of jobs) {
    if (byId.has(job.id)) throw new ReportError(`${name} holds job ${job.id} twice: jobs are paired by their id`);
    byId.set(job.id, job);
  }
  return byId;
}
