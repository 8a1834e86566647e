import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openBackend } from '../../../predictors/backend/backend.ts';
import { CheckpointError, decode, encode } from '../../../predictors/net/checkpoint.ts';
import { DEFAULTS } from '../../../predictors/net/net.ts';
import { makePredict } from '../../../predictors/net/predict.ts';
import { train } from '../../../predictors/net/train.ts';
import { available, backToWasm, wasm } from '../backend/available.ts';
import { example } from './examples.ts';

afterAll(backToWasm);

const HEADS = { levels: [0.1, 0.5, 0.9], z: true };
const OPTIONS = { ...DEFAULTS, heads: HEADS, hidden: [6, 5], epochs: 2, seed: 1 };
const trained = train(wasm.tf, example(300, 1), OPTIONS);
const bytes = encode(trained);

test('comes back as it went', () => {
  expect(decode(bytes)).toEqual(trained);
  // From the middle of other bytes, as a database gives them.
  const padded = new Uint8Array(bytes.length + 3);
  padded.set(bytes, 3);
  expect(decode(padded.subarray(3))).toEqual(trained);
});

test('comes back without a held-out loss too', () => {
  expect(decode(encode({ ...trained, heldOutLoss: Number.NaN })).heldOutLoss).toBeNaN();
});

test('one byte changed anywhere, or cut off anywhere, is refused', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ change;
      expect(() => decode(damaged)).toThrow(CheckpointError);
      expect(() => decode(bytes.subarray(0, at))).toThrow(CheckpointError);
    }),
  );
});

test('bytes that were never a net are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      expect(() => decode(noise)).toThrow(CheckpointError);
    }),
  );
});

test('another version is refused by its number', () => {
  const later = bytes.slice();
  later[5] = 2;
  expect(() => decode(later)).toThrow('is of version 2, this program reads 1: learn again from the history');
});

test.each([
  [{ shape: [4, 6, 5, 3] }, 'shape: the last layer has one neuron for each head'],
  [{ shape: [5, 6, 5, 4] }, 'means, spreads: one for each feature'],
  [{ parameters: trained.parameters.slice(1) }, /holds \d+ parameters, its shape has \d+/],
  [{ parameters: trained.parameters.map(() => Number.NaN) }, 'holds parameters that are not finite'],
  [{ target: { mean: 0, spread: 0 } }, 'target.spread'],
])('whole but wrong is refused: %o', (change, message) => {
  expect(() => decode(encode({ ...trained, ...change }))).toThrow(message);
});

test.each(available)('what was learned on $prefer gives the same answers everywhere', async (options) => {
  const there = await openBackend(options);
  const set = example(600, 1);
  const bytes = encode(train(there.tf, set, OPTIONS));
  const plain = makePredict(decode(bytes))(set.rows, set.count);
  for (const other of available) {
    const backend = await openBackend(other);
    const tensors = makePredict(decode(bytes), backend)(set.rows, set.count);
    tensors.forEach((value, at) => expect(Math.abs(value - (plain[at] ?? Number.NaN))).toBeLessThan(2e-5));
  }
});
