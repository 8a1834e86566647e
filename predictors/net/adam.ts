/**
 * Adam (Kingma and Ba 2015) with weight decay apart from the slopes (Loshchilov and Hutter 2019), in plain numbers: on a few
 * thousand parameters a tensor library costs more than it saves.
 */

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export class Adam {
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  #steps = 0;

  readonly #decay: number;

  /** @param decay share of a parameter that a step of rate 1 takes away */
  constructor(count: number, decay: number) {
    this.#decay = decay;
    this.#first = new Float32Array(count);
    this.#second = new Float32Array(count);
  }

  /** Moves `parameters` against `slopes` in place. @param rate of learning, above 0 */
  step(parameters: Float32Array, slopes: Float32Array, rate: number): void {
    this.#steps += 1;
    const stretch = (rate * Math.sqrt(1 - BETA2 ** this.#steps)) / (1 - BETA1 ** this.#steps);
    const keep = 1 - rate * this.#decay;
    const [first, second] = [this.#first, this.#second];
    for (let i = 0; i < parameters.length; i += 1) {
      const slope = slopes[i] ?? 0;
      const mean = BETA1 * (first[i] ?? 0) + (1 - BETA1) * slope;
      const square = BETA2 * (second[i] ?? 0) + (1 - BETA2) * slope * slope;
      first[i] = mean;
      second[i] = square;
      parameters[i] = keep * (parameters[i] ?? 0) - (stretch * mean) / (Math.sqrt(square) + EPSILON);
    }
  }
}
