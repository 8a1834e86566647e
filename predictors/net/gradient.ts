/**
 * The net's forward and backward pass over a batch, on a tensor library. Written out, since the library's own differentiation costs
 * more than the arithmetic on nets this small, and multiplies transposed matrices, which wasm does many times slower than
 * transposing them first.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../backend/backend.ts';
import { type Layer, layersOf, type Shape } from './shape.ts';

/** From the last layer of a batch (rows × outputs) to the loss's derivative by it, of the same size. */
type Slopes = (last: Float32Array) => Float32Array;

export type Pass = {
  /** The last layer for `count` standardised rows, before the heads make quantiles of it. */
  readonly forward: (parameters: Float32Array, rows: Float32Array, count: number) => Float32Array;
  /** Fills `gradient`, laid out as `parameters`, with the loss's derivative by each of them. */
  readonly backward: (batch: Batch, slopes: Slopes, gradient: Float32Array) => void;
};

type Batch = {
  readonly parameters: Float32Array;
  /** `count` standardised rows. */
  readonly rows: Float32Array;
  readonly count: number;
};

type Weights = { readonly layer: Layer; readonly weights: Tensor2D; readonly activation: Tensor2D };

export function makePass(tf: Tf, shape: Shape): Pass {
  const layers = layersOf(shape);

  /** Every layer with its weights and what it gives; rectifiers between, none at the end. */
  function run({ parameters, rows, count }: Batch): { readonly input: Tensor2D; readonly layers: readonly Weights[] } {
    const input = tf.tensor2d(rows, [count, shape[0] ?? 0]);
    let activation = input;
    const passed = layers.map((layer, index) => {
      const weights = tf.tensor2d(parameters.subarray(layer.weights, layer.biases), [layer.inputs, layer.outputs]);
      const bias = tf.tensor1d(parameters.subarray(layer.biases, layer.biases + layer.outputs));
      const linear = index === layers.length - 1;
      activation = tf.fused.matMul({
        a: activation,
        b: weights,
        bias,
        activation: linear ? 'linear' : 'relu',
      }) as Tensor2D;
      return { layer, weights, activation };
    });
    return { input, layers: passed };
  }

  function forward(parameters: Float32Array, rows: Float32Array, count: number): Float32Array {
    let last: Float32Array = new Float32Array();
    tf.tidy(() => {
      last = run({ parameters, rows, count }).layers.at(-1)?.activation.dataSync<'float32'>() ?? last;
    });
    return last;
  }

  function backward(batch: Batch, slopes: Slopes, gradient: Float32Array): void {
    tf.tidy(() => {
      const { input, layers: passed } = run(batch);
      const last = passed.at(-1);
      if (!last) return;
      let above = tf.tensor2d(slopes(last.activation.dataSync<'float32'>()), [batch.count, last.layer.outputs]);
      for (let index = passed.length - 1; index >= 0; index -= 1) {
        const here = passed[index];
        if (!here) return;
        const below = passed[index - 1]?.activation ?? input;
        gradient.set(tf.matMul(tf.transpose(below), above).dataSync<'float32'>(), here.layer.weights);
        gradient.set(tf.sum(above, 0).dataSync<'float32'>(), here.layer.biases);
        // The rectifier passes on what it let through.
        if (index > 0) above = tf.mul(tf.matMul(above, tf.transpose(here.weights)), tf.step(below));
      }
    });
  }

  return { forward, backward };
}
