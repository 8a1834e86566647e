/** How many neurons a net has, and where its parameters stand in one flat array. */

export type Layer = {
  readonly inputs: number;
  readonly outputs: number;
  /** Where the weights begin (`inputs` × `outputs`, row-major) and the biases (`outputs`). */
  readonly weights: number;
  readonly biases: number;
};

/** Neurons of every layer from the features to the heads, as `[40, 64, 32, 6]`. */
export type Shape = readonly number[];

/** The layers of a net; each layer's weights stand before its biases. */
export function layersOf(shape: Shape): readonly Layer[] {
  let at = 0;
  return shape.slice(1).map((outputs, index) => {
    const inputs = shape[index] ?? 0;
    const layer = { inputs, outputs, weights: at, biases: at + inputs * outputs };
    at = layer.biases + outputs;
    return layer;
  });
}

/** Numbers in a net. */
export function parameterCount(shape: Shape): number {
  return shape.slice(1).reduce((total, outputs, index) => total + ((shape[index] ?? 0) + 1) * outputs, 0);
}
