import { afterAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../predictors/backend/backend.ts';
import { available, backToWasm } from './available.ts';

afterAll(backToWasm);

describe.each(available)('backend $prefer', (options) => {
  test('computes, and is the one asked for', async () => {
    const { tf, name, version } = await openBackend(options);
    expect(name).toBe(options.prefer);
    expect(version).toMatch(/^4\.\d+\.\d+$/);
    const product = tf.tidy(() =>
      tf.matMul(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2])).arraySync(),
    );
    expect(product).toEqual([
      [4, 5],
      [10, 11],
    ]);
  });

  test('leaves no tensor behind', async () => {
    const { tf } = await openBackend(options);
    const before = tf.memory().numTensors;
    await openBackend(options);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('can be opened again after another one', async () => {
    await openBackend({ prefer: 'cpu' });
    const { tf } = await openBackend(options);
    expect(tf.getBackend()).toBe(options.prefer === 'native' ? 'tensorflow' : options.prefer);
  });
});

test('by itself takes the one measured best', async () => {
  expect((await openBackend()).name).toBe('wasm');
});

test('a backend that was asked for and is not there is an error with the reason and the remedy', async () => {
  await expect(openBackend({ prefer: 'native', native: '/nowhere' })).rejects.toThrow(
    /^no backend for the predictor's model; native: @tensorflow\/tfjs-node does not load \(Cannot find module .*\); build it with: npm run native$/,
  );
});
