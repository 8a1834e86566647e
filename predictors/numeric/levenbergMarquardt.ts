/** Non-linear least squares of a few parameters within bounds, robust against rows that no parameters explain. */
import { cholesky, choleskySolve, triangle } from './solve.ts';

export type Bounds = { readonly low: readonly number[]; readonly high: readonly number[] };

/** Pulls parameter i to `towards[i]` as one more residual (p − towards) / spread. */
export type Prior = { readonly towards: readonly number[]; readonly spread: readonly number[] };

export type Problem = {
  /** Residuals at the parameters; always as many. */
  readonly residuals: (parameters: readonly number[]) => readonly number[];
  readonly start: readonly number[];
  readonly bounds: Bounds;
  /** Residuals much above it count by their size and no longer by their square: 2 s² (sqrt(1 + (r/s)²) − 1). Absent: squares. */
  readonly softL1?: number;
  /** With many rows the rows win, with none the parameters are the prior's. */
  readonly prior?: Prior;
};

const STEPS = 80;
const DIFFERENCE = 1e-6;
/** Ends where a step gains less than this share. */
const CONVERGED = 1e-9;
const HOPELESS = 1e10;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function lossOf(residuals: readonly number[], { softL1, prior }: Problem, at: readonly number[]): number {
  const rho = (r: number) => (softL1 === undefined ? r * r : 2 * softL1 ** 2 * (Math.sqrt(1 + (r / softL1) ** 2) - 1));
  let loss = 0;
  for (const r of residuals) loss += rho(r);
  for (const [i, p] of (prior === undefined ? [] : at).entries())
    loss += ((p - (prior?.towards[i] as number)) / (prior?.spread[i] as number)) ** 2;
  return loss;
}

/** JᵀWJ and JᵀWr; the forward difference goes inwards at an upper bound. */
function normalEquations(problem: Problem, at: readonly number[], residuals: readonly number[]) {
  const { softL1, prior, bounds } = problem;
  const weights = residuals.map((r) => (softL1 === undefined ? 1 : 1 / Math.sqrt(1 + (r / softL1) ** 2)));
  const columns = at.map((p, i) => {
    const size = DIFFERENCE * Math.max(1, Math.abs(p));
    const step = p + size > (bounds.high[i] as number) ? -size : size;
    const moved = problem.residuals(at.with(i, p + step));
    return moved.map((r, row) => (r - (residuals[row] as number)) / step);
  });
  const weighted = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, row) => sum + value * (b[row] as number) * (weights[row] as number), 0);
  const pull = (i: number) => (prior === undefined ? 0 : 1 / (prior.spread[i] as number) ** 2);
  return {
    curvature: (i: number, j: number) =>
      weighted(columns[i] as number[], columns[j] as number[]) + (i === j ? pull(i) : 0),
    gradient: columns.map(
      (column, i) => weighted(column, residuals) + pull(i) * ((at[i] as number) - (prior?.towards[i] ?? 0)),
    ),
  };
}

/**
 * The parameters of the least loss, by damped Gauss–Newton steps (Marquardt 1963) on iteratively reweighted rows, each
 * step cut to the bounds. Deterministic; a start outside the bounds is moved onto them.
 */
export function levenbergMarquardt(problem: Problem): readonly number[] {
  const { low, high } = problem.bounds;
  const within = (p: readonly number[]) => p.map((v, i) => clamp(v, low[i] as number, high[i] as number));
  let at: readonly number[] = within(problem.start);
  let residuals = problem.residuals(at);
  let loss = lossOf(residuals, problem, at);
  let damping = 1e-3;
  for (let step = 0; step < STEPS && damping < HOPELESS; step++) {
    const { curvature, gradient } = normalEquations(problem, at, residuals);
    const damped = triangle(at.length, (i, j) => curvature(i, j) * (i === j ? 1 + damping : 1) + (i === j ? 1e-12 : 0));
    const change = choleskySolve(cholesky(damped), gradient);
    const next = within(at.map((p, i) => p - (change[i] as number)));
    const moved = problem.residuals(next);
    const reached = lossOf(moved, problem, next);
    if (!(reached < loss)) {
      damping *= 4;
      continue;
    }
    const converged = loss - reached < CONVERGED * loss;
    [at, residuals, loss] = [next, moved, reached];
    damping /= 3;
    if (converged) break;
  }
  return at;
}
