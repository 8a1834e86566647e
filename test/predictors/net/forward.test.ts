import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeForward } from '../../../predictors/net/forward.ts';
import { makePass } from '../../../predictors/net/gradient.ts';
import { answer } from '../../../predictors/net/heads.ts';
import { initialParameters } from '../../../predictors/net/initial.ts';
import { layersOf, parameterCount } from '../../../predictors/net/shape.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';
import { wasm } from '../backend/available.ts';

test('plain numbers and the tensor library give the same answers, for any shape', () => {
  const neurons = fc.integer({ min: 1, max: 13 });
  fc.assert(
    fc.property(
      neurons,
      neurons,
      neurons,
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (width, first, second, count, seed) => {
        const heads = { levels: [0.1, 0.5, 0.9], z: true };
        const shape = [width, first, second, 4];
        const next = randomOf(seed);
        // Biases too, which begin as 0.
        const parameters = initialParameters(shape, next).map((value) => value + 0.2 * (next() - 0.5));
        const rows = Float32Array.from({ length: width * count }, () => 4 * next() - 2);
        const plain = makeForward(shape, parameters, heads)(rows, count);
        const tensors = makePass(wasm.tf, shape).forward(parameters, rows, count);
        for (let at = 0; at < tensors.length; at += 4) answer(tensors.subarray(at, at + 4), heads);
        plain.forEach((value, at) => expect(Math.abs(value - (tensors[at] ?? Number.NaN))).toBeLessThan(1e-5));
      },
    ),
    { numRuns: 50 },
  );
});

test('a net by hand', () => {
  // Two features, one neuron between: relu(2a - b + 1), then 3h - 1.
  const forward = makeForward([2, 1, 1], Float32Array.of(2, -1, 1, 3, -1), { levels: [0.5], z: false });
  expect([...forward(Float32Array.of(1, 1, 0, 5), 2)]).toEqual([5, -1]);
});

test('parameters stand one after another, with none between', () => {
  expect(layersOf([3, 2, 1])).toEqual([
    { inputs: 3, outputs: 2, weights: 0, biases: 6 },
    { inputs: 2, outputs: 1, weights: 8, biases: 10 },
  ]);
  expect(parameterCount([3, 2, 1])).toBe(11);
});
