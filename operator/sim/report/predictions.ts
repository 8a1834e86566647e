/** How good the predictions of run times were. */
import type { JobResult, Quantiles } from '../results.ts';
import type { PredictionAccuracy, PredictionSummary } from './schema.ts';
import { mean, shareOf } from './stats.ts';

/** Jobs of a moving figure. */
export const WINDOW = 2000;

type Pair = { readonly predicted: Quantiles; readonly run: number };

/** Ratios of times below a second say nothing about a scheduler. */
const atLeastASecond = (seconds: number) => Math.max(1, seconds);

/** Tsafrir, Etsion and Feitelson (2007): 1 is exact, a factor of two in either direction is one half. */
function accuracy({ predicted, run }: Pair): number {
  const [p, r] = [atLeastASecond(predicted.q50), atLeastASecond(run)];
  return Math.min(p, r) / Math.max(p, r);
}

/** Of at least one pair. */
function accuracyOf(pairs: readonly Pair[]): PredictionAccuracy {
  const ratios = pairs.map(accuracy);
  return {
    jobs: pairs.length,
    acc: mean(ratios),
    male: mean(ratios.map((ratio) => -Math.log10(ratio))),
    mae: mean(pairs.map(({ predicted, run }) => Math.abs(predicted.q50 - run))),
    under: shareOf(pairs, ({ predicted, run }) => predicted.q50 < run),
    inside: shareOf(pairs, ({ predicted, run }) => predicted.q10 <= run && run <= predicted.q90),
    belowQ90: shareOf(pairs, ({ predicted, run }) => run <= predicted.q90),
  };
}

/** Undefined when nothing was predicted. Jobs come in order of submission. */
export function predictionSummary(jobs: readonly JobResult[]): PredictionSummary | undefined {
  const pairs = jobs.flatMap(({ index, run, expired, predicted }) =>
    predicted ? [{ index, run, expired, predicted: predicted.submit, atStart: predicted.start }] : [],
  );
  if (pairs.length === 0) return undefined;
  const moving = [];
  for (let from = 0; from < pairs.length; from += WINDOW) {
    const window = pairs.slice(from, from + WINDOW);
    moving.push({ from: window[0]?.index ?? 0, ...accuracyOf(window) });
  }
  return {
    submit: accuracyOf(pairs),
    start: accuracyOf(pairs.map(({ run, atStart }) => ({ run, predicted: atStart }))),
    expired: shareOf(pairs, ({ expired }) => expired),
    moving,
  };
}
