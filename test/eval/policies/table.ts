/** The policies' table as text and as figures. */
import type { Figures } from '../metrics.ts';
import type { Summary } from './study.ts';

const WIDTHS = [34, 16, 9, 9, 10, 10, 10, 10, 9, 9, 9, 9] as const;

const cells = (values: readonly string[]): string =>
  values.map((value, i) => (i === 0 ? value.padEnd(WIDTHS[0]) : value.padStart(WIDTHS[i] ?? 0))).join(' ');

export const HEADER = cells([
  'policy (waits in s)',
  'bsld +- s.e.',
  'median',
  'last 80 %',
  'JCT',
  'mean wait',
  'median',
  'p95',
  'p99.9',
  'max h',
  'worst h',
  'l.80 max',
]);

const hours = (seconds: number): string => (seconds / 3600).toFixed(1);

export function text({ row, all, late, bsldError, medianBsld, worstWait }: Summary): string {
  return cells([
    row.name,
    `${all.bsld.toFixed(2)} +- ${bsldError.toFixed(2)}`,
    medianBsld.toFixed(2),
    late.bsld.toFixed(2),
    all.jct.toFixed(0),
    all.meanWait.toFixed(0),
    all.medianWait.toFixed(0),
    all.p95Wait.toFixed(0),
    all.p999Wait.toFixed(0),
    hours(all.maxWait),
    hours(worstWait),
    hours(late.maxWait),
  ]);
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function named(prefix: string, one: Figures): Readonly<Record<string, number>> {
  return {
    [`${prefix}Bsld`]: rounded(one.bsld),
    [`${prefix}P95Bsld`]: rounded(one.p95Bsld),
    [`${prefix}JctSeconds`]: rounded(one.jct),
    [`${prefix}MeanWaitSeconds`]: rounded(one.meanWait),
    [`${prefix}MedianWaitSeconds`]: rounded(one.medianWait),
    [`${prefix}P95WaitSeconds`]: rounded(one.p95Wait),
    [`${prefix}P999WaitSeconds`]: rounded(one.p999Wait),
    [`${prefix}MaxWaitHours`]: rounded(one.maxWait / 3600),
  };
}

/** All jobs under the row's own name, the last 80 % under `Last80`. */
export function figuresOf(study: string, summary: Summary): Readonly<Record<string, number>> {
  const prefix = `${study}${summary.row.key}`;
  return {
    ...named(prefix, summary.all),
    ...named(`${prefix}Last80`, summary.late),
    [`${prefix}BsldError`]: rounded(summary.bsldError),
    [`${prefix}BsldMedianOfSamples`]: rounded(summary.medianBsld),
    [`${prefix}WorstWaitHours`]: rounded(summary.worstWait / 3600),
    [`${prefix}Samples`]: summary.samples,
  };
}
