import { describe, expect, test } from 'vitest';
import { netModel } from '../../../predictors/net/net.ts';
import { HEADS, LEVELS, type TrainingSet } from '../../../predictors/runtime/model.ts';
import { wasm } from '../backend/available.ts';
import { example } from './examples.ts';

const set: TrainingSet = example(1000, 1);
const model = netModel(wasm, { hidden: [16, 8], epochs: 4 });

describe('the net as a model of run times', () => {
  test('answers rising quantiles and z for each row', async () => {
    const { predict } = await model.fit(set, { seed: 1 });
    const answers = predict(set.rows, 10);
    expect(answers).toHaveLength(10 * HEADS);
    for (let row = 0; row < 10; row += 1) {
      const quantiles = answers.subarray(row * HEADS, row * HEADS + LEVELS.length);
      expect([...quantiles]).toEqual([...quantiles].toSorted((a, b) => a - b));
      expect(answers[row * HEADS + LEVELS.length]).toBeGreaterThan(0);
    }
  });

  test('comes back from its state, also where there is no backend', async () => {
    const fitted = await model.fit(set, { seed: 1 });
    const copied = structuredClone(fitted.state);
    expect(netModel(undefined).revive(copied).predict(set.rows, 5)).toEqual(fitted.predict(set.rows, 5));
  });

  test('large batches, which go through the backend, get the answers of single rows', async () => {
    const { predict } = await model.fit(set, { seed: 1 });
    const together = predict(set.rows, 1000);
    for (const row of [0, 500, 999]) {
      const alone = predict(set.rows.subarray(row * 4, row * 4 + 4), 1);
      alone.forEach((value, k) => expect(Math.abs(value - (together[row * HEADS + k] ?? 0))).toBeLessThan(1e-5));
    }
  });

  test('goes on from an earlier state, and from none of another model', async () => {
    const { state } = await model.fit(set, { seed: 1 });
    const fresh = (await model.fit(set, { seed: 2 })).state.body;
    expect((await model.fit(set, { seed: 2, from: state })).state.body).not.toEqual(fresh);
    expect((await model.fit(set, { seed: 2, from: { ...state, format: 'gbm' } })).state.body).toEqual(fresh);
  });

  test.each([
    [{ format: 'gbm', version: 1, body: new Uint8Array() }, 'the state is gbm 1; the net reads net 1'],
    [{ format: 'net', version: 7, body: new Uint8Array() }, 'the state is net 7; the net reads net 1'],
    [{ format: 'net', version: 1, body: 'text' }, 'the state of a net holds no bytes'],
    [{ format: 'net', version: 1, body: new Uint8Array(9) }, 'the checkpoint is not a net'],
  ])('refuses %o', (state, message) => {
    expect(() => model.revive(state)).toThrow(message);
  });

  test('cannot learn without a backend, and says so', () => {
    expect(() => netModel(undefined).fit(set, { seed: 1 })).toThrow('the net cannot learn without a backend');
  });
});
