/** Which sizes of a program's runs a law is to follow. */
import type { SizedRun } from './law.ts';
import { centred, covariance } from './moments.ts';

/** Sizes in one law; of more that vary those count that go with the run time the most. */
const MOST_SIZES = 6;

/** Sizes that rise and fall together are one. */
const SAME = 0.999;

/** One size of all runs: where it stands among their sizes, and its values about their mean. */
export type Column = {
  readonly at: number;
  readonly mean: number;
  readonly apart: Float64Array;
  readonly spread: number;
  /** How far the run times go with it. */
  readonly with: number;
};

/** The sizes that vary, those first that go with the run time; of two that are one only the first. */
export function varying(runs: readonly SizedRun[], logs: Float64Array, weights: Float64Array): readonly Column[] {
  const [times] = centred(logs, weights);
  const found: Column[] = [];
  const first = (runs[0] as SizedRun).sizes;
  for (let at = 0; at < first.length; at++) {
    if (runs.every(({ sizes }) => sizes[at] === first[at])) continue;
    const [apart, mean] = centred(
      Float64Array.from(runs, ({ sizes }) => sizes[at] as number),
      weights,
    );
    const spread = Math.sqrt(covariance(apart, apart, weights));
    found.push({ at, mean, apart, spread, with: Math.abs(covariance(apart, times, weights)) / spread });
  }
  const kept: Column[] = [];
  for (const one of found.toSorted((a, b) => b.with - a.with || a.at - b.at)) {
    const isNew = kept.every(
      ({ apart, spread }) => Math.abs(covariance(apart, one.apart, weights)) < SAME * spread * one.spread,
    );
    if (isNew && kept.push(one) === MOST_SIZES) break;
  }
  return kept;
}
