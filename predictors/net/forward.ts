/** Inference in plain numbers: for one row it is many times faster than handing the row to a tensor library. */
import { answer, type Heads } from './heads.ts';
import { type Layer, layersOf, type Shape } from './shape.ts';

/**
 * @param parameters as `layersOf` lays them out; copied
 * @returns a function from standardised rows (`count` × shape[0]) to answers (`count` × heads). It keeps its own memory for the
 * layers between, so it must not be called from inside itself.
 */
export function makeForward(
  shape: Shape,
  parameters: Float32Array,
  heads: Heads,
): (rows: Float32Array, count: number) => Float32Array {
  const layers = layersOf(shape).map((layer) => ({ inputs: layer.inputs, columns: columnsOf(layer, parameters) }));
  const values = shape.map((neurons) => new Float32Array(padded(neurons)));
  const [width, outputs] = [shape[0] ?? 0, shape.at(-1) ?? 0];
  const [first, last] = [values[0] ?? new Float32Array(), values.at(-1)?.subarray(0, outputs) ?? new Float32Array()];
  return (rows, count) => {
    const answers = new Float32Array(count * outputs);
    for (let row = 0; row < count; row += 1) {
      first.set(rows.subarray(row * width, (row + 1) * width));
      for (let index = 0; index < layers.length; index += 1) {
        const [layer, input, output] = [layers[index], values[index], values[index + 1]];
        if (!layer || !input || !output) continue;
        if (index > 0) rectify(input);
        multiply(layer, input, output);
      }
      answer(last, heads);
      answers.set(last, row * outputs);
    }
    return answers;
  };
}

type Columns = { readonly inputs: number; readonly columns: Float32Array };

/** Four neurons are computed at a time; those that fill up the last four weigh nothing. */
function padded(neurons: number): number {
  return 4 * Math.ceil(neurons / 4);
}

/** Each neuron's weights together, its bias after them: a sum then walks through memory in order. */
function columnsOf({ inputs, outputs, weights, biases }: Layer, parameters: Float32Array): Float32Array {
  const columns = new Float32Array((inputs + 1) * padded(outputs));
  for (let j = 0; j < outputs; j += 1) {
    for (let i = 0; i < inputs; i += 1) columns[j * (inputs + 1) + i] = parameters[weights + i * outputs + j] ?? 0;
    columns[j * (inputs + 1) + inputs] = parameters[biases + j] ?? 0;
  }
  return columns;
}

/** Each input is read once for four sums, which do not wait for each other: more than twice as fast as one by one. */
function multiply({ inputs, columns }: Columns, input: Float32Array, output: Float32Array): void {
  const stride = inputs + 1;
  for (let j = 0; j < output.length; j += 4) {
    const a = j * stride;
    const [b, c, d] = [a + stride, a + 2 * stride, a + 3 * stride];
    let sumA = columns[a + inputs] ?? 0;
    let sumB = columns[b + inputs] ?? 0;
    let sumC = columns[c + inputs] ?? 0;
    let sumD = columns[d + inputs] ?? 0;
    for (let i = 0; i < inputs; i += 1) {
      const value = input[i] ?? 0;
      sumA += value * (columns[a + i] ?? 0);
      sumB += value * (columns[b + i] ?? 0);
      sumC += value * (columns[c + i] ?? 0);
      sumD += value * (columns[d + i] ?? 0);
    }
    output[j] = sumA;
    output[j + 1] = sumB;
    output[j + 2] = sumC;
    output[j + 3] = sumD;
  }
}

function rectify(values: Float32Array): void {
  for (let i = 0; i < values.length; i += 1) values[i] = Math.max(0, values[i] ?? 0);
}
