import { expect, it } from 'vitest';
import { BOOST } from '../../../../predictors/runtime/gbm/boost.ts';
import { gbm } from '../../../../predictors/runtime/gbm/gbm.ts';
import { type Fitted, HEADS, LEVELS, type TrainingSet, Z } from '../../../../predictors/runtime/model.ts';
import { randomOf } from '../../../../predictors/runtime/random.ts';

const WIDTH = 4;

type Truth = (row: readonly number[], chance: number) => number;

/** Rows of uniform numbers, the second column the one that matters. */
function setOf(
  count: number,
  seed: number,
  truth: Truth,
  censored: (target: number) => boolean = () => false,
): TrainingSet {
  const random = randomOf(seed);
  const rows = new Float64Array(count * WIDTH).map(() => random());
  const targets = Float64Array.from({ length: count }, (_, row) =>
    truth([...rows.subarray(row * WIDTH, (row + 1) * WIDTH)], random()),
  );
  return {
    rows,
    width: WIDTH,
    count,
    targets,
    quick: targets.map((target) => 10 / Math.max(10, Math.exp(target))),
    censored: Uint8Array.from(targets, (target) => (censored(target) ? 1 : 0)),
    weights: new Float64Array(count).fill(1),
  };
}

/** A step of 3 at one half, and noise whose width is the third column. */
const step: Truth = ([, second = 0, third = 0], chance) => (second > 0.5 ? 5 : 2) + third * (chance - 0.5);

const fit = (set: TrainingSet, seed = 1): Fitted => gbm({ ...BOOST, trees: 60, columnShare: 1 }).fit(set, { seed });

const heads = (answer: Float64Array, row: number) => [...answer.subarray(row * HEADS, (row + 1) * HEADS)];

it('finds a step, and how wide the answer is spread', () => {
  const fitted = fit(setOf(4000, 1, step));
  const low = heads(fitted.predict(Float64Array.of(0.5, 0.2, 0.9, 0.5), 1), 0);
  const high = heads(fitted.predict(Float64Array.of(0.5, 0.8, 0.1, 0.5), 1), 0);
  expect(low[1]).toBeCloseTo(2, 0);
  expect(high[1]).toBeCloseTo(5, 0);
  const spread = (of: readonly number[]) => (of[3] as number) - (of[0] as number);
  expect(spread(low)).toBeGreaterThan(0.5);
  expect(spread(high)).toBeLessThan(0.3);
});

it('covers about what its quantiles say on rows that it has not seen, before any calibration', () => {
  const fitted = fit(setOf(6000, 1, step));
  const unseen = setOf(3000, 2, step);
  const answer = fitted.predict(unseen.rows, unseen.count);
  for (const [head, level] of LEVELS.entries()) {
    let covered = 0;
    for (let row = 0; row < unseen.count; row++) {
      if ((unseen.targets[row] as number) <= (answer[row * HEADS + head] as number)) covered++;
    }
    expect(Math.abs(covered / unseen.count - level)).toBeLessThan(0.08);
  }
});

it('learns the chance that a run is over at once', () => {
  const crashes: Truth = ([first = 0], chance) => (chance < first ? Math.log(2) : Math.log(20_000));
  const fitted = fit(setOf(6000, 3, crashes));
  const z = (first: number) => fitted.predict(Float64Array.of(first, 0.5, 0.5, 0.5), 1)[Z] as number;
  expect(z(0.1)).toBeLessThan(0.2);
  expect(z(0.5)).toBeGreaterThan(0.35);
  expect(z(0.5)).toBeLessThan(0.65);
  expect(z(0.9)).toBeGreaterThan(0.8);
});

it('gives the same forest for the same seed, another for another', () => {
  const set = setOf(1000, 1, step);
  const probe = setOf(50, 9, step);
  const of = (seed: number) => fit(set, seed).predict(probe.rows, probe.count);
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});

it('never lets a quantile fall below a lower one', () => {
  const fitted = fit(setOf(400, 5, (_, chance) => 10 * chance * chance));
  const probe = setOf(500, 6, step);
  const answer = fitted.predict(probe.rows, probe.count);
  for (let row = 0; row < probe.count; row++) {
    const own = heads(answer, row).slice(0, Z);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }
});

it('takes a run that was cut off as one that lasts longer', () => {
  const noisy: Truth = (_, chance) => 4 * chance;
  const plain = setOf(3000, 7, noisy);
  // All that would take longer than 2 were cut off there.
  const cut = plain.targets.map((target) => Math.min(2, target));
  const asTold = fit({ ...plain, targets: cut });
  const known = fit({
    ...plain,
    targets: cut,
    censored: Uint8Array.from(plain.targets, (target) => (target > 2 ? 1 : 0)),
  });
  const median = (fitted: Fitted) => heads(fitted.predict(Float64Array.of(0.5, 0.5, 0.5, 0.5), 1), 0)[1] as number;
  const upper = (fitted: Fitted) => heads(fitted.predict(Float64Array.of(0.5, 0.5, 0.5, 0.5), 1), 0)[2] as number;
  expect(upper(asTold)).toBeLessThan(2.05);
  expect(upper(known)).toBeGreaterThanOrEqual(upper(asTold) - 0.05);
  expect(median(known)).toBeGreaterThan(1.5);
});

it('weighs rows: what counts for nothing teaches nothing', () => {
  const set = setOf(2000, 8, step);
  const lies = set.targets.map((target, row) => (row % 2 === 0 ? target : -50));
  const weights = new Float64Array(set.count).map((_, row) => (row % 2 === 0 ? 1 : 0));
  const fitted = fit({ ...set, targets: lies, weights });
  expect(heads(fitted.predict(Float64Array.of(0.5, 0.8, 0.5, 0.5), 1), 0)[1]).toBeCloseTo(5, 0);
});

it('manages sets with nothing to split: one row, and columns that never change', () => {
  const one = fit(setOf(1, 1, () => 3));
  expect(heads(one.predict(new Float64Array(WIDTH), 1), 0)[1]).toBeCloseTo(3);
  const same = setOf(500, 1, () => 3);
  same.rows.fill(7);
  expect(heads(fit(same).predict(new Float64Array(WIDTH), 1), 0)[1]).toBeCloseTo(3);
});

it('comes back from its state, and refuses another’s', () => {
  const fitted = fit(setOf(1000, 1, step));
  const probe = setOf(20, 2, step);
  const back = gbm().revive(structuredClone(fitted.state));
  expect(back.predict(probe.rows, 20)).toEqual(fitted.predict(probe.rows, 20));
  expect(() => gbm().revive({ ...fitted.state, version: 99 })).toThrow(/fit it anew/);
  expect(() => gbm().revive({ ...fitted.state, format: 'net' })).toThrow(/fit it anew/);
  expect(() => gbm().revive({ ...fitted.state, body: { trees: 3 } })).toThrow(/damaged/);
});
