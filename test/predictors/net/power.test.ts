import { expect, test } from 'vitest';
import { CheckpointError, encode } from '../../../predictors/net/checkpoint.ts';
import { DEFAULTS } from '../../../predictors/net/net.ts';
import { fitPower, POWER_LEVELS, revivePower } from '../../../predictors/net/power.ts';
import { train } from '../../../predictors/net/train.ts';
import { wasm } from '../backend/available.ts';
import { example } from './examples.ts';

const { quick: _, ...set } = example(1500, 1);
const OPTIONS = { hidden: [16, 8], epochs: 8, rate: 0.01, seed: 1 };

test('learns log watts and comes back from its checkpoint', () => {
  const { checkpoint, predict } = fitPower(wasm, set, OPTIONS);
  const answers = predict(set.rows, set.count);
  const width = POWER_LEVELS.length;
  const below = POWER_LEVELS.map(
    (_, k) => set.targets.filter((target, row) => target <= (answers[row * width + k] ?? 0)).length / set.count,
  );
  below.forEach((share, k) => expect(Math.abs(share - (POWER_LEVELS[k] ?? 0))).toBeLessThan(0.08));
  expect(revivePower(checkpoint).predict(set.rows, 3)).toEqual(predict(set.rows, 3));
});

test('goes on from its checkpoint', () => {
  const { checkpoint } = fitPower(wasm, set, OPTIONS);
  expect(fitPower(wasm, set, { ...OPTIONS, from: checkpoint }).checkpoint).not.toEqual(checkpoint);
});

test('refuses the checkpoint of a net of run times', () => {
  const heads = { levels: [0.1, 0.5, 0.75, 0.9, 0.95], z: true };
  const other = encode(train(wasm.tf, example(100, 1), { ...DEFAULTS, ...OPTIONS, heads }));
  expect(() => revivePower(other)).toThrow(CheckpointError);
  expect(() => revivePower(other)).toThrow(
    "answers the quantiles 0.1, 0.5, 0.75, 0.9, 0.95 and z, which is another net's",
  );
});
