/** Gaussian process regression: a prediction borrows from known points as far as a kernel calls them alike. */
import { cholesky, choleskySolve, forward, type Triangle, triangle } from './solve.ts';

/** How alike two points are: a covariance, so symmetric and positive semidefinite. */
export type Kernel<T> = (a: T, b: T) => number;

export type Samples<T> = {
  readonly points: readonly T[];
  /** One or more targets of each point, `targets[k][i]` of point i, each already free of its mean. */
  readonly targets: readonly (readonly number[])[];
  readonly kernel: Kernel<T>;
  /** Variance of a point's own noise, above 0. */
  readonly noise: (point: T) => number;
  /**
   * Residuals much above it count by their size and no longer by their square, as if their point's noise were greater.
   * Absent: all points count alike.
   */
  readonly softL1?: number;
};

export type Process<T> = {
  readonly samples: Samples<T>;
  readonly factor: Triangle;
  readonly weights: readonly Float64Array[];
};

/** Steps of reweighting: more change the third digit of the weights. */
const REWEIGHTINGS = 3;

function regress<T>(samples: Samples<T>, covariance: Triangle, noise: Float64Array): Process<T> {
  const values = covariance.values.slice();
  for (const [i, own] of noise.entries()) {
    const diagonal = (i * (i + 3)) / 2;
    values[diagonal] = (values[diagonal] as number) + own;
  }
  const factor = cholesky({ n: covariance.n, values });
  return { samples, factor, weights: samples.targets.map((target) => choleskySolve(factor, target)) };
}

/**
 * Fits to the samples (Rasmussen and Williams 2006, algorithm 2.1); time grows with the cube of the points, so the caller
 * bounds them. With `softL1` the points are reweighted by the root mean square of their residuals over the targets.
 */
export function fitProcess<T>(samples: Samples<T>): Process<T> {
  const { points, kernel, softL1 } = samples;
  const covariance = triangle(points.length, (i, j) => kernel(points[i] as T, points[j] as T));
  const plain = Float64Array.from(points, samples.noise);
  let process = regress(samples, covariance, plain);
  if (softL1 === undefined) return process;
  let noise = plain;
  for (let step = 1; step < REWEIGHTINGS; step++) {
    // The residual of a point is its noise variance times its weight.
    noise = plain.map((own, i) => {
      const squares = process.weights.reduce(
        (sum, weight) => sum + ((noise[i] as number) * (weight[i] as number)) ** 2,
        0,
      );
      return own * Math.sqrt(1 + squares / process.weights.length / softL1 ** 2);
    });
    process = regress(samples, covariance, noise);
  }
  return process;
}

/** The mean of each target at a point, and the variance there without noise. */
export function predictAt<T>({ samples, factor, weights }: Process<T>, point: T) {
  const covariances = Float64Array.from(samples.points, (known) => samples.kernel(point, known));
  const means = weights.map((weight) => weight.reduce((sum, value, i) => sum + value * (covariances[i] as number), 0));
  const explained = forward(factor, covariances).reduce((sum, value) => sum + value * value, 0);
  return { means, variance: Math.max(0, samples.kernel(point, point) - explained) };
}

/**
 * For each point, what the process would say of it had it never seen it: error of the first target (target − mean) and
 * variance with noise (Rasmussen and Williams 2006, eq. 5.12).
 */
export function leaveOneOut<T>({ samples, factor, weights }: Process<T>) {
  const [weight] = weights;
  return samples.points.map((_, i) => {
    const unit = new Float64Array(factor.n);
    unit[i] = 1;
    const variance = 1 / forward(factor, unit).reduce((sum, value) => sum + value * value, 0);
    return { error: (weight?.[i] as number) * variance, variance };
  });
}
