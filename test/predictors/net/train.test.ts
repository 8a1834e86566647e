import { afterAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../predictors/backend/backend.ts';
import { DEFAULTS } from '../../../predictors/net/net.ts';
import { makePredict } from '../../../predictors/net/predict.ts';
import type { Rows } from '../../../predictors/net/rows.ts';
import { type TrainingOptions, train } from '../../../predictors/net/train.ts';
import type { Trained } from '../../../predictors/net/trained.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';
import { available, backToWasm, wasm } from '../backend/available.ts';
import { example, spreadAt } from './examples.ts';

afterAll(backToWasm);

const HEADS = { levels: [0.1, 0.5, 0.9], z: true };
/** Fast steps, since small sets take few of them, and little decay, since the rows hold no more noise than is asked about. */
const OPTIONS: TrainingOptions = {
  ...DEFAULTS,
  heads: HEADS,
  hidden: [24, 12],
  rate: 0.01,
  decay: 0.05,
  epochs: 15,
  seed: 5,
};

/** Share of targets below each quantile, the median's mean error, and the mean of z, on rows that were not learned. */
function judge(trained: Trained): { below: number[]; error: number; z: number; actualZ: number } {
  const { rows, count, targets, quick } = example(2000, 99);
  const answers = makePredict(trained)(rows, count);
  const mean = (value: (row: number) => number): number =>
    Array.from({ length: count }, (_, row) => value(row)).reduce((sum, each) => sum + each, 0) / count;
  const head = (row: number, k: number): number => answers[row * 4 + k] ?? Number.NaN;
  return {
    below: [0, 1, 2].map((k) => mean((row) => Number((targets[row] ?? 0) <= head(row, k)))),
    error: mean((row) => Math.abs((targets[row] ?? 0) - head(row, 1))),
    z: mean((row) => head(row, 3)),
    actualZ: mean((row) => quick[row] ?? 0),
  };
}

describe.each(available)('training on $prefer', (options) => {
  test('learns medians, spreads and z, and twice the same gives the same bits', async () => {
    const { tf } = await openBackend(options);
    const set = example(3000, 1);
    const before = tf.memory().numTensors;
    const trained = train(tf, set, OPTIONS);
    expect(tf.memory().numTensors).toBe(before);
    const { below, error, z, actualZ } = judge(trained);
    expect(Math.abs((below[0] ?? 0) - 0.1)).toBeLessThan(0.05);
    expect(Math.abs((below[1] ?? 0) - 0.5)).toBeLessThan(0.06);
    expect(Math.abs((below[2] ?? 0) - 0.9)).toBeLessThan(0.05);
    // The least possible is the mean of |noise|, 0.4; always saying the mean costs 0.8.
    expect(error).toBeLessThan(0.5);
    expect(Math.abs(z - actualZ)).toBeLessThan(0.05);
    expect(train(tf, set, OPTIONS).parameters).toEqual(trained.parameters);
  });
});

test('an interval is wide where the targets spread, and narrow where they do not', () => {
  const predict = makePredict(train(wasm.tf, example(3000, 1), OPTIONS));
  const width = (c: number): number => {
    const [low = 0, , high = 0] = predict(Float64Array.of(0, 0, c, 0), 1);
    return high - low;
  };
  expect(width(1)).toBeGreaterThan(2 * width(-1));
  expect(Math.abs(width(1) - 2.56 * spreadAt(1))).toBeLessThan(0.7);
});

test('another seed gives another net of the same quality', () => {
  const set = example(3000, 1);
  const [one, other] = [train(wasm.tf, set, OPTIONS), train(wasm.tf, set, { ...OPTIONS, seed: 6 })];
  expect(other.parameters).not.toEqual(one.parameters);
  expect(Math.abs(judge(one).error - judge(other).error)).toBeLessThan(0.05);
});

test('runs that were stopped early, half of them, do not make the others look short', () => {
  const set = example(3000, 1);
  const next = randomOf(4);
  const censored = Uint8Array.from(set.targets, () => Number(next() < 0.5));
  const targets = set.targets.map((target, row) => (censored[row] === 1 ? target - 3 * next() : target));
  const medianBelow = (rows: Rows): number => judge(train(wasm.tf, rows, OPTIONS)).below[1] ?? 0;
  expect(medianBelow({ ...set, targets })).toBeLessThan(0.35);
  expect(Math.abs(medianBelow({ ...set, targets, censored }) - 0.5)).toBeLessThan(0.07);
});

test('weights of 0 are rows that are not there', () => {
  const set = example(2000, 1);
  const lies = set.targets.map((target, row) => (row % 2 === 0 ? target : 40));
  const weights = Float64Array.from(lies, (_, row) => Number(row % 2 === 0));
  expect(judge(train(wasm.tf, { ...set, targets: lies, weights }, OPTIONS)).error).toBeLessThan(0.55);
});

test('from an earlier net it follows a drift sooner than from scratch, with its scales', () => {
  const earlier = train(wasm.tf, example(3000, 1), OPTIONS);
  const drifted = example(600, 2);
  const later = { ...drifted, targets: drifted.targets.map((target) => target + 0.3) };
  const few = { ...OPTIONS, rate: 3e-3, epochs: 4 };
  const [warm, cold] = [train(wasm.tf, later, { ...few, from: earlier }), train(wasm.tf, later, few)];
  expect(warm.target).toEqual(earlier.target);
  const off = (trained: Trained): number =>
    judge({ ...trained, target: { ...trained.target, mean: trained.target.mean - 0.3 } }).error;
  expect(off(warm)).toBeLessThan(off(cold));
});

test('a net of another shape, or one that the history has outgrown, is not gone on from', () => {
  const set = example(800, 1);
  const short = { ...OPTIONS, epochs: 2 };
  const fresh = train(wasm.tf, set, short).parameters;
  const other = train(wasm.tf, set, { ...short, hidden: [8] });
  expect(train(wasm.tf, set, { ...short, from: other }).parameters).toEqual(fresh);
  const small = train(wasm.tf, example(200, 1), short);
  expect(train(wasm.tf, set, { ...short, from: small }).parameters).toEqual(fresh);
});

test('stops when the newest rows are no longer predicted better', () => {
  const draw = example(500, 1);
  // Nothing to learn: targets that do not follow the features.
  const noise = { ...draw, targets: example(500, 8).targets };
  const trained = train(wasm.tf, noise, { ...OPTIONS, epochs: 200, patience: 3 });
  expect(trained.epochs).toBeLessThan(100);
});

test('too few rows to hold any out still give a net', () => {
  const trained = train(wasm.tf, example(20, 1), OPTIONS);
  expect(trained.heldOutLoss).toBeNaN();
  expect([...makePredict(trained)(new Float64Array(4), 1)].every(Number.isFinite)).toBe(true);
});

test('targets that are all the same are predicted as they are', () => {
  const set = { ...example(500, 1), targets: new Float64Array(500).fill(3) };
  const [, median] = makePredict(train(wasm.tf, set, OPTIONS))(new Float64Array(4), 1);
  expect(Math.abs((median ?? 0) - 3)).toBeLessThan(0.1);
});

test.each([
  [{ count: 0 }, 'a net cannot learn from 0 rows'],
  [{ targets: new Float64Array(3) }, '`targets` holds 3 numbers, not 10'],
  [{ rows: new Float64Array(40).fill(Number.NaN) }, '`rows` holds NaN at 0: bound values before learning'],
  [{ quick: undefined }, 'the heads have z, and its targets `quick` are absent'],
])('refuses rows that are not whole: %o', (change, message) => {
  const set = { ...example(10, 1), ...change } as ReturnType<typeof example>;
  expect(() => train(wasm.tf, set, OPTIONS)).toThrow(message);
});
