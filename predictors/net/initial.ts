import { layersOf, parameterCount, type Shape } from './shape.ts';

/** Parameters to begin with: weights uniform with variance 2 / inputs (He et al. 2015, for rectifiers), biases 0. */
export function initialParameters(shape: Shape, next: () => number): Float32Array {
  const parameters = new Float32Array(parameterCount(shape));
  for (const { inputs, weights, biases } of layersOf(shape)) {
    const limit = Math.sqrt(6 / inputs);
    for (let at = weights; at < biases; at += 1) parameters[at] = limit * (2 * next() - 1);
  }
  return parameters;
}
