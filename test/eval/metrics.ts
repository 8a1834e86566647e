/** Figures of one schedule: bounded slowdown (threshold 10 s), waits and completion times, over all jobs or the last 80 %. */
import { quantile } from '../bench/stats.ts';

/** What the figures need to know of a job that ran: seconds on one clock. */
export type Ran = { readonly submit: number; readonly start: number; readonly run: number };

export type Figures = {
  readonly jobs: number;
  /** Mean of max(1, (wait + run) / max(run, 10 s)). */
  readonly bsld: number;
  readonly p95Bsld: number;
  readonly meanWait: number;
  readonly medianWait: number;
  readonly p95Wait: number;
  readonly p99Wait: number;
  readonly p999Wait: number;
  readonly maxWait: number;
  /** Mean of end - submit. */
  readonly jct: number;
};

/** Feitelson and Rudolph's bounded slowdown with a threshold of 10 s. */
export const boundedSlowdown = ({ submit, start, run }: Ran): number =>
  Math.max(1, (start - submit + run) / Math.max(run, 10));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a mean; 0 where there is one value only. */
export function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Quantiles lie between neighbours by a straight line. */
export function figures(ran: readonly Ran[]): Figures {
  const waits = ran.map(({ submit, start }) => start - submit).sort((a, b) => a - b);
  const slowdowns = ran.map(boundedSlowdown);
  return {
    jobs: ran.length,
    bsld: mean(slowdowns),
    p95Bsld: quantile(slowdowns, 0.95),
    meanWait: mean(waits),
    medianWait: quantile(waits, 0.5),
    p95Wait: quantile(waits, 0.95),
    p99Wait: quantile(waits, 0.99),
    p999Wait: quantile(waits, 0.999),
    maxWait: waits.at(-1) ?? Number.NaN,
    jct: mean(ran.map(({ submit, start, run }) => start - submit + run)),
  };
}

/** The last 80 % of `ran`, which is in order of submission. */
export const last80 = <T>(ran: readonly T[]): readonly T[] => ran.slice(Math.floor(0.2 * ran.length));
