/** A machine's lines as rows: HPC figures beside those of training, each with its share of what the machine could do. */
import type { Line } from '../measure/line.ts';
import { GPU_KINDS } from './gpuKinds.ts';
import { KINDS } from './kinds.ts';

/** A share of what; null where the machine's peak is not known, or there is none to compare with. */
export type Share = { readonly value: number; readonly of: string } | null;

export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly share: Share;
  /** Joules per `unit` (without its `/s`); null without a source of joules. */
  readonly joules: number | null;
  readonly run: string;
}

/** A kind of row. */
export interface Kind {
  readonly what: string;
  readonly unit: string;
  /** What a line shows in `unit`; undefined where the line is of another kind. */
  readonly value: (line: Line) => number | undefined;
  readonly share: (line: Line, value: number) => Share;
  /** For what takes time, less is better; its joules are those of a whole run. */
  readonly least?: boolean;
}

/** Rows for the lines of one machine: of each kind the best of its newest kernels. */
export function rowsOf(lines: readonly Line[]): Row[] {
  return [...KINDS, ...GPU_KINDS].flatMap((kind) => {
    const found = lines.flatMap((line) => {
      const value = kind.value(line);
      return value === undefined ? [] : [{ line, value }];
    });
    const best = found.toSorted((a, b) => (kind.least ? a.value - b.value : b.value - a.value))[0];
    if (best === undefined) return [];
    const { line, value } = best;
    const { ranks } = line.result;
    const row: Row = {
      what: kind.what,
      value,
      unit: kind.unit,
      share: kind.share(line, value),
      joules: joulesPerUnit(line, kind.least ? null : value),
      run: `${line.args.join(' ')}${ranks > 1 ? ` on ${ranks} ranks` : ''}`.trim(),
    };
    return [row];
  });
}

/** `rate`: units a second; null for the joules of what was timed as a whole. */
function joulesPerUnit({ energy, result }: Line, rate: number | null): number | null {
  const seconds = result.time.roi_s;
  const units = rate === null ? 1 : rate * seconds;
  const { gpu_j, window_s } = result.energy;
  // The window of a GPU's counter is longer than what was timed: the mean draw in it counts.
  if (gpu_j !== null && window_s !== null) return ((gpu_j / window_s) * seconds) / units;
  return energy === null ? null : energy.cpu_j / energy.runs / units;
}
