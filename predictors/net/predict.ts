import type { Backend } from '../backend/backend.ts';
import { makeForward } from './forward.ts';
import { makePass } from './gradient.ts';
import { answer, headCount } from './heads.ts';
import { standardise } from './scale.ts';
import type { Trained } from './trained.ts';

/** Rows from which handing them to a tensor library pays (`npm run bench -- predictor`). */
const WORTH_TENSORS = 64;

/** `count` rows of features to `count` rows of quantiles, on the caller's scale, and z, where the heads have it. */
export type Predict = (rows: Float64Array, count: number) => Float64Array;

/**
 * @param backend for large batches; absent: plain numbers for any batch
 * @param worth rows from which the backend is used
 */
export function makePredict(trained: Trained, backend?: Pick<Backend, 'tf'>, worth = WORTH_TENSORS): Predict {
  const { shape, heads, parameters, features, target } = trained;
  const plain = makeForward(shape, parameters, heads);
  const pass = backend && makePass(backend.tf, shape);
  const width = headCount(heads);
  return (rows, count) => {
    const scaled = standardise(rows, count, features);
    let answers: Float32Array;
    if (pass && count >= worth) {
      answers = pass.forward(parameters, scaled, count);
      for (let at = 0; at < answers.length; at += width) answer(answers.subarray(at, at + width), heads);
    } else answers = plain(scaled, count);
    const result = new Float64Array(answers);
    for (let at = 0; at < result.length; at += width)
      for (let k = at; k < at + heads.levels.length; k += 1) result[k] = (result[k] ?? 0) * target.spread + target.mean;
    return result;
  };
}
