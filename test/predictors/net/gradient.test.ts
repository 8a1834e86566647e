import { afterAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../predictors/backend/backend.ts';
import { makePass } from '../../../predictors/net/gradient.ts';
import { type Goals, loss } from '../../../predictors/net/heads.ts';
import { initialParameters } from '../../../predictors/net/initial.ts';
import { randomOf } from '../../../predictors/runtime/random.ts';
import { available, backToWasm } from '../backend/available.ts';

const SHAPE = [5, 7, 6, 4];
const HEADS = { levels: [0.1, 0.5, 0.9], z: true };
const COUNT = 11;

afterAll(backToWasm);

describe.each(available)('gradient on $prefer', (options) => {
  test('is the derivative of the loss by every parameter (finite differences)', async () => {
    const { tf } = await openBackend(options);
    const next = randomOf(3);
    const parameters = initialParameters(SHAPE, next);
    const rows = Float32Array.from({ length: COUNT * 5 }, () => 2 * next() - 1);
    const goals: Goals = {
      targets: Float32Array.from({ length: COUNT }, () => 2 * next() - 1),
      quick: Float32Array.from({ length: COUNT }, next),
      censored: Uint8Array.from({ length: COUNT }, (_, row) => (row % 3 === 0 ? 1 : 0)),
      weights: Float32Array.from({ length: COUNT }, next),
    };
    const pass = makePass(tf, SHAPE);
    const gradient = new Float32Array(parameters.length);
    const slopes = (last: Float32Array): Float32Array => {
      const result = new Float32Array(last.length);
      loss(last, goals, HEADS, result);
      return result;
    };
    const before = tf.memory().numTensors;
    pass.backward({ parameters, rows, count: COUNT }, slopes, gradient);
    expect(tf.memory().numTensors).toBe(before);

    const step = 2e-3;
    const wrong = [...parameters].filter((_, at) => {
      const moved = (by: number): number => {
        const other = parameters.slice();
        other[at] = (other[at] ?? 0) + by;
        return loss(pass.forward(other, rows, COUNT), goals, HEADS);
      };
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      return Math.abs(numeric - (gradient[at] ?? Number.NaN)) > 2e-3 + 0.02 * Math.abs(numeric);
    });
    // The loss has kinks (rectifiers, quantiles), and a step may cross one.
    expect(wrong.length).toBeLessThan(parameters.length * 0.05);
    expect(gradient.some((slope) => Math.abs(slope) > 0.01)).toBe(true);
  });
});
