/**
 * How the run time of one program follows from its sizes: lines at a few floors, each believed by its evidence (Laplace's
 * approximation).
 */
import { forward } from '../../numeric/solve.ts';
import { varying } from './columns.ts';
import { type Line, lineAt, logAbove, NOISE, partOf, spreadOf } from './line.ts';
import { robustSpread, sumOf } from './moments.ts';

/** One run: logs of its sizes, log seconds, what it counts, and whether it would have lasted longer. */
export type SizedRun = {
  readonly sizes: readonly number[];
  readonly log: number;
  readonly weight: number;
  readonly censored: boolean;
};

export type SizeLaw = {
  /** Which of the sizes vary, their means and how far they go. */
  readonly columns: readonly number[];
  readonly means: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Which never varied, and the sizes of the latest run. */
  readonly constant: readonly number[];
  readonly latest: readonly number[];
  readonly powers: readonly number[];
  readonly lines: readonly Line[];
  /** Shares of belief in the lines. */
  readonly shares: readonly number[];
  /** Weights of the runs. */
  readonly weights: Float64Array;
};

/** Floors, as shares of what the shortest runs take. */
const FLOORS = [0, 0.4, 0.75];

/** A log-normal as wide at q90 the spread over a Student-t residual's. */
const WIDER = 1.2;

/** How much less sure the law is for every unit of log size beyond the sizes known. */
const BEYOND = 0.1;

/** The law of at least one run; every run has as many sizes as there are `powers`. The latest run comes first. */
export function fitSizes(runs: readonly SizedRun[], powers: readonly number[]): SizeLaw {
  const logs = Float64Array.from(runs, ({ log }) => log);
  const weights = Float64Array.from(runs, ({ weight }) => weight);
  const kept = varying(runs, logs, weights);
  const [columns, width] = [kept.map(({ at }) => at), kept.length];
  const offsets = new Float64Array(runs.length * width);
  for (const [j, { apart }] of kept.entries()) {
    for (let i = 0; i < runs.length; i++) offsets[i * width + j] = apart[i] as number;
  }
  const expected = Float64Array.from(columns, (at) => powers[at] as number);
  const censored = runs.map((run) => run.censored);
  const noise = Math.max(NOISE, robustSpread(logs)) ** 2;
  const table = { logs, weights, censored, width, offsets, expected, noise };
  const shortest = Math.exp(logs.toSorted()[Math.floor(logs.length / 10)] as number);
  // Where nothing varies, nothing tells a floor.
  const floors = width === 0 ? [0] : FLOORS.map((share) => share * shortest);
  const lines = floors.map((floor) => lineAt(floor, table));
  const best = Math.max(...lines.map(({ evidence }) => evidence));
  const shares = lines.map(({ evidence }) => Math.exp(evidence - best));
  const sum = shares.reduce((total, share) => total + share, 0);
  const { sizes: latest } = runs[0] as SizedRun;
  const all = kept.map(({ at }) => runs.map(({ sizes }) => sizes[at] as number));
  return {
    columns,
    means: Float64Array.from(kept, ({ mean }) => mean),
    lows: Float64Array.from(all, (values) => Math.min(...values)),
    highs: Float64Array.from(all, (values) => Math.max(...values)),
    constant: [...latest.keys()].filter((at) => runs.every(({ sizes }) => sizes[at] === latest[at])),
    latest,
    powers,
    lines,
    shares: shares.map((share) => share / sum),
    weights,
  };
}

/** Whether the law knows of a size that matters: one that varies, or of which another amount is asked for. */
export const isSized = ({ columns, latest }: SizeLaw, sizes: readonly number[]): boolean =>
  columns.length > 0 || sizes.some((size, at) => size !== latest[at]);

/** What sizes that never varied change: the expected power of the one that changes the most, and all that is not known. */
function unseen({ constant, latest, powers }: SizeLaw, sizes: readonly number[]): readonly [number, number] {
  let [shift, variance] = [0, 0];
  for (const at of constant) {
    const apart = (sizes[at] as number) - (latest[at] as number);
    const own = (powers[at] as number) * apart;
    if (Math.abs(own) > Math.abs(shift)) shift = own;
    variance += (spreadOf(powers[at] as number) * apart) ** 2;
  }
  return [shift, variance];
}

/** Mean and spread of the log run time at these sizes. */
export function atSizes(law: SizeLaw, sizes: readonly number[]): { readonly mean: number; readonly spread: number } {
  const { columns, means, lows, highs, lines, shares } = law;
  const weight = sumOf(law.weights);
  const offsets = Float64Array.from(columns, (at, j) => (sizes[at] as number) - (means[j] as number));
  let beyond = 0;
  for (const [j, at] of columns.entries()) {
    const size = sizes[at] as number;
    beyond += (BEYOND * Math.max(0, (lows[j] as number) - size, size - (highs[j] as number))) ** 2;
  }
  const [shift, unknown] = unseen(law, sizes);
  let [mean, square, variance] = [0, 0, 0];
  for (const [index, line] of lines.entries()) {
    const share = shares[index] as number;
    const part = partOf(line, offsets) + shift;
    const log = logAbove(line.floor, part);
    const slope = Math.exp(part - log);
    const slopes = forward(line.precision, offsets).reduce((sum, value) => sum + value * value, 0);
    const doubt = line.noise / weight + slopes + beyond + unknown;
    mean += share * log;
    square += share * log * log;
    // Few runs do not say how wide they lie.
    variance += share * (slope ** 2 * doubt + line.noise) * (1 + 2 / line.freedom);
  }
  return { mean, spread: WIDER * Math.sqrt(variance + Math.max(0, square - mean * mean)) };
}

/** The mean of what `of` says of log run times that deviate from `mean` as the runs do from the likeliest line. */
export function overResiduals({ lines, shares, weights }: SizeLaw, mean: number, of: (log: number) => number): number {
  const { residuals } = lines[shares.indexOf(Math.max(...shares))] as Line;
  let sum = 0;
  for (let i = 0; i < residuals.length; i++) sum += (weights[i] as number) * of(mean + (residuals[i] as number));
  return sum / sumOf(weights);
}
