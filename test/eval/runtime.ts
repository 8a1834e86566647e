/**
 * Predictors of run time on an SWF trace: in the order of submission, from what had ended by then, judged on the last
 * 80 % of the runs.
 */

import { MEDIAN } from '../../predictors/runtime/distribution.ts';
import { gbm } from '../../predictors/runtime/gbm/gbm.ts';
import { RuntimePredictor } from '../../predictors/runtime/predictor.ts';
import type { EvalOptions, EvalResult, Evaluation } from './evaluation.ts';
import { mean } from './metrics.ts';
import { lastTwo, limitOf } from './runtime/baselines.ts';
import { checked } from './runtime/checks.ts';
import { type Errors, errorsOf, tiles, WINDOW } from './runtime/metrics.ts';
import { replay, type Told } from './runtime/replay.ts';
import { HEADER, row } from './runtime/table.ts';
import { readRuns, type Trace, type TracedRun } from './runtime/trace.ts';

/** Share of the runs that is only learned from. */
const LEARNED = 0.2;

type Column = { readonly name: string; readonly seconds: readonly number[] };

const longestOf = ({ asked }: TracedRun) => (asked.limitEnforced ? (asked.limit as number) : Number.POSITIVE_INFINITY);

/** What each expert alone would have told, its median cut to the limit. */
function expertsOf(names: readonly string[], told: readonly Told[], runs: readonly TracedRun[]): readonly Column[] {
  return names.map((name, expert) => ({
    name,
    seconds: told.map(({ opinions }, index) => {
      const median = opinions[expert]?.guess[MEDIAN] as number;
      return Math.min(longestOf(runs[index] as TracedRun), Math.exp(median));
    }),
  }));
}

/** Cross-entropy of 10 / max(run, 10) under the told z. */
function chanceLoss(told: readonly Told[], truth: readonly number[]): number {
  return mean(
    told.map(({ prediction }, index) => {
      const share = 10 / Math.max(10, truth[index] as number);
      const z = Math.max(1e-4, Math.min(1 - 1e-4, prediction.z));
      return -share * Math.log(z) - (1 - share) * Math.log(1 - z);
    }),
  );
}

type Judged = {
  readonly truth: readonly number[];
  readonly told: readonly Told[];
  readonly blend: Column;
  readonly median: Column;
  readonly baselines: readonly Column[];
  readonly experts: readonly Column[];
};

async function judge({ runs }: Trace): Promise<Judged> {
  const from = Math.floor(runs.length * LEARNED);
  const predictor = new RuntimePredictor({ models: [gbm()] });
  const all = await replay(runs, predictor);
  const late = ({ name, seconds }: Column): Column => ({ name, seconds: seconds.slice(from) });
  const told = all.slice(from);
  return {
    truth: runs.slice(from).map(({ run }) => run),
    told,
    blend: { name: 'blend, point', seconds: told.map(({ prediction }) => prediction.point) },
    median: { name: 'blend, q50', seconds: told.map(({ prediction }) => prediction.q50) },
    baselines: [late({ name: 'user', seconds: runs.map(limitOf) }), late({ name: 'Last-2', seconds: lastTwo(runs) })],
    experts: expertsOf(predictor.names, all, runs).map(late),
  };
}

type Windowed = { readonly from: number; readonly to: number; readonly coverage: number; readonly overBest: number };

function windowsOf({ truth, told, blend, baselines, experts }: Judged): readonly Windowed[] {
  return tiles(truth.length).map(([from, to]) => {
    const male = ({ seconds }: Column) => errorsOf(seconds.slice(from, to), truth.slice(from, to)).male;
    const covered = told
      .slice(from, to)
      .map(({ prediction }, index) => (prediction.q90 >= (truth[from + index] as number) ? 1 : 0));
    const best = Math.min(...[...baselines, ...experts].map(male));
    return { from, to, coverage: mean(covered), overBest: male(blend) / best };
  });
}

const QUANTILES = ['q10', 'q50', 'q75', 'q90', 'q95'] as const;

function coverages({ told, truth }: Judged): Readonly<Record<(typeof QUANTILES)[number], number>> {
  const covered = (name: (typeof QUANTILES)[number]) =>
    mean(told.map(({ prediction }, index) => (prediction[name] >= (truth[index] as number) ? 1 : 0)));
  return { q10: covered('q10'), q50: covered('q50'), q75: covered('q75'), q90: covered('q90'), q95: covered('q95') };
}

function report(judged: Judged, log: EvalOptions['log']): ReadonlyMap<string, Errors> {
  const found = new Map<string, Errors>();
  log(HEADER);
  for (const { name, seconds } of [...judged.baselines, ...judged.experts, judged.median, judged.blend]) {
    const errors = errorsOf(seconds, judged.truth);
    // The expert of the same name is the baseline again, where history was just begun aside.
    if (name === 'user' && found.has(name)) continue;
    found.set(name, errors);
    log(row(name, errors));
  }
  return found;
}

function reportWindows(windows: readonly Windowed[], log: EvalOptions['log']): void {
  log(`windows of ${WINDOW} runs: coverage of q90, and MALE of the blend's point over the best expert's`);
  for (const { from, to, coverage, overBest } of windows) {
    log(`${String(from).padStart(7)} - ${String(to).padEnd(7)} ${coverage.toFixed(3)}  ${overBest.toFixed(3)}`);
  }
}

function notesOf(path: string, trace: Trace, judged: Judged, found: ReadonlyMap<string, Errors>): readonly string[] {
  const baselines = { user: found.get('user') as Errors, last2: found.get('Last-2') as Errors };
  const agrees = checked(path, judged.truth.length, baselines);
  if (agrees === false)
    throw new Error(
      'the baselines differ from the known figures of this trace; the evaluator is wrong, do not trust it',
    );
  const obeying = (100 * trace.obeying).toFixed(1);
  const enforced = trace.runs.some(({ limit }) => limit > 0)
    ? `limits are ${trace.enforced ? '' : 'not '}taken to be enforced (${obeying} % of the runs obey them)`
    : 'no run has a limit: the row `user` stands for a day';
  return [
    agrees
      ? 'user and Last-2 agree with the known figures of this trace'
      : 'no figures are known of this trace to hold the baselines against',
    enforced,
    'ends as recorded; the point is midway, in log, between the median and the most accurate point of the told quantiles',
  ];
}

async function run({ trace: path, limitEnforced, log }: EvalOptions): Promise<EvalResult> {
  if (path === undefined) throw new Error('runtime needs --trace FILE, an SWF trace, plain or gzipped');
  const trace = await readRuns(path, limitEnforced);
  const judged = await judge(trace);
  log(`${judged.truth.length} runs tested of ${trace.runs.length}`);
  const found = report(judged, log);
  const windows = windowsOf(judged);
  reportWindows(windows, log);
  const covered = coverages(judged);
  log(`coverage: ${QUANTILES.map((name) => `${name} ${covered[name].toFixed(3)}`).join('  ')}`);
  const { male, acc, mae } = found.get('blend, point') as Errors;
  const median = found.get('blend, q50') as Errors;
  const figures = {
    male,
    acc,
    mae,
    coverage90: covered.q90,
    coverage90Min: Math.min(...windows.map(({ coverage }) => coverage)),
    coverage90Max: Math.max(...windows.map(({ coverage }) => coverage)),
    worstOverBest: Math.max(...windows.map(({ overBest }) => overBest)),
    medianMale: median.male,
    zLoss: chanceLoss(judged.told, judged.truth),
    tested: judged.truth.length,
  };
  return { figures, notes: notesOf(path, trace, judged, found) };
}

export const evaluation: Evaluation = {
  name: 'runtime',
  describe: 'predicted run times on an SWF trace (--trace FILE [--limit-enforced yes|no])',
  run,
};
