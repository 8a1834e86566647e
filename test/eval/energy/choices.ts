/** The choice of a cap under a tolerance: what it saves, of what the best cap in hindsight saves, and how often it breaks. */
import { chooseCap } from '../../../predictors/energy/caps.ts';
import type { CapSample, Effect } from '../../../predictors/energy/sample.ts';
import { type Curve, capOf, curvesOf, marginFor } from '../../../predictors/energy/tolerance.ts';
import { type Tried, tryUnseen } from '../../../predictors/energy/upper.ts';
import { mean } from '../metrics.ts';
import type { Method } from './baselines.ts';
import type { Fold } from './folds.ts';
import { noisy } from './noise.ts';

const TOLERANCE = 0.05;
const BROKEN = 0.05;

/** One curve's outcome. Shares of the uncapped energy of the accelerator. */
type Outcome = { readonly saved: number; readonly oracle: number; readonly broken: boolean };

const joules = ({ watts, slowdown }: Effect): number => watts * slowdown;

function outcome(curve: Curve, cap: number): Outcome {
  const effects = [...curve.truth.values()];
  const free = joules(curve.truth.get(Math.max(...curve.truth.keys())) as Effect);
  const chosen = curve.truth.get(cap) as Effect;
  const best = Math.min(...effects.filter(({ slowdown }) => slowdown <= 1 + TOLERANCE).map(joules));
  return { saved: 1 - joules(chosen) / free, oracle: 1 - best / free, broken: chosen.slowdown > 1 + TOLERANCE };
}

export type Choices = {
  readonly saved: number;
  readonly ofOracle: number;
  readonly broken: number;
  readonly curves: number;
};

function choicesOf(outcomes: readonly Outcome[]): Choices {
  const saved = mean(outcomes.map((one) => one.saved));
  const oracle = mean(outcomes.map((one) => one.oracle));
  const broken = mean(outcomes.map((one) => Number(one.broken)));
  return { saved, ofOracle: saved / oracle, broken, curves: outcomes.length };
}

/** Configurations of which more than one cap was measured: with one there is no choice to speak of. */
const choosable = (tried: readonly Tried[]): readonly Curve[] =>
  curvesOf(tried).filter(({ options }) => options.length > 2);

function triedOf(method: Method, train: readonly CapSample[], test: readonly CapSample[]): readonly Tried[] {
  const predict = method.fit(train);
  return test.map((sample) => ({ sample, predicted: predict(sample) }));
}

/** Accepts what a method predicts within `accept`, a slowdown, for every fold. */
export function accepting(folds: readonly Fold[], method: Method, accept: number): Choices {
  const curves = folds.flatMap(({ train, test }) => choosable(triedOf(method, train, test)));
  return choicesOf(curves.map((curve) => outcome(curve, chooseCap(curve.options, 0, accept - 1))));
}

/** A fold ready for choosing: curves of programs in its train set for calibration, and those tested. */
export type Prepared = { readonly calibration: readonly Curve[]; readonly tested: readonly Curve[] };

export const prepare = (folds: readonly Fold[], method: Method): readonly Prepared[] =>
  folds.map(({ train, test }) => ({
    calibration: choosable(tryUnseen(train)),
    tested: choosable(triedOf(method, train, test)),
  }));

/** Curves whose first minutes measure with so much noise. */
const seen = (curves: readonly Curve[], noise: number): readonly Curve[] =>
  curves.map((curve, i) => ({ ...curve, probe: noisy(curve.truth, noise, i) }));

/** With a margin that is calibrated on each fold's train set alone, and so many caps measured with so much noise. */
export function calibrated(prepared: readonly Prepared[], probes: number, noise: number): Choices {
  const guarantee = { tolerance: TOLERANCE, broken: BROKEN, probes };
  const outcomes = prepared.flatMap(({ calibration, tested }) => {
    const margin = marginFor(seen(calibration, noise), guarantee);
    return seen(tested, noise).map((curve) => outcome(curve, capOf(curve, margin, guarantee)));
  });
  return choicesOf(outcomes);
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

export const CHOICE_HEADER = `${''.padEnd(64)}${['saved', 'of oracle', 'broken'].map((name) => name.padStart(11)).join('')}`;

export const choiceText = (name: string, { saved, ofOracle, broken }: Choices): string =>
  `${name.padEnd(64)}${[saved, ofOracle, broken].map((value) => percent(value).padStart(11)).join('')}`;
