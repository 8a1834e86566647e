/** A machine's lines as rows: HPC figures beside those of training, each with its share of what the machine could do. */
import { peakGflops } from '../measure/host.ts';
import type { Line } from '../measure/line.ts';

export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Which share of what; null where the machine's peak is not known, or there is none to compare with. */
  readonly share: { readonly value: number; readonly of: string } | null;
  /** Joules per `unit` (without its `/s`); null without a source of joules. */
  readonly joules: number | null;
  readonly run: string;
}

interface Kind {
  readonly what: string;
  readonly unit: string;
  /** What a line shows in `unit`; undefined where the line is of another kind. */
  readonly value: (line: Line) => number | undefined;
  readonly share: (line: Line, value: number) => Row['share'];
  /** For what takes time, less is better; its joules are those of a whole run. */
  readonly least?: boolean;
}

const none = (): null => null;

function ofPeak(precision: 'fp64' | 'fp32', name = `${precision} peak`) {
  return ({ host, result }: Line, gflops: number): Row['share'] => {
    const peak = peakGflops(host, Math.min(result.ranks, host.cores), precision);
    return peak === null || result.gpus > 0 ? null : { value: gflops / peak, of: name };
  };
}

const fom =
  (kernel: string, scale: number, keep: (line: Line) => boolean = () => true) =>
  (line: Line): number | undefined =>
    line.result.kernel === kernel && keep(line) ? line.result.fom.value / scale : undefined;

/** Runs whose steps were timed beside the triad; smaller grids stay in cache, where its bandwidth is no limit. */
const beyondCache = ({ result }: Line): boolean => typeof result.figures['share_of_triad']?.value === 'number';

/** Three arrays of doubles far beyond any cache. */
const large = ({ result }: Line): boolean =>
  typeof result.problem['n'] === 'number' && 24 * result.problem['n'] > 256e6;

function ofTriad({ result }: Line): Row['share'] {
  const value = result.figures['share_of_triad']?.value;
  return typeof value === 'number' ? { value, of: 'triad' } : null;
}

const problem = (key: string, value: unknown) => (line: Line) => line.result.problem[key] === value;
const flopsPerSecond = ({ result }: Line): number => result.work.flops / result.time.roi_s / 1e9;

const KINDS: readonly Kind[] = [
  { what: 'memory: stream triad', unit: 'GB/s', value: fom('stream', 1, large), share: none },
  {
    what: 'HPL-like: gemm fp64',
    unit: 'GFLOP/s',
    value: fom('gemm', 1, problem('dtype', 'fp64')),
    share: ofPeak('fp64'),
  },
  { what: 'gemm fp32', unit: 'GFLOP/s', value: fom('gemm', 1, problem('dtype', 'fp32')), share: ofPeak('fp32') },
  {
    what: 'HPCG-like: cg, multigrid',
    unit: 'GFLOP/s',
    value: fom('cg', 1, problem('preconditioner', 'multigrid')),
    share: ofPeak('fp64'),
  },
  {
    what: 'cg, no preconditioner',
    unit: 'GFLOP/s',
    value: fom('cg', 1, (line) => beyondCache(line) && problem('preconditioner', 'none')(line)),
    share: ofTriad,
  },
  { what: 'heat', unit: 'Gcells/s', value: fom('heat', 1e9, beyondCache), share: ofTriad },
  { what: 'nbody', unit: 'Ginteractions/s', value: fom('nbody', 1e9), share: none },
  { what: 'comm: allreduce bus', unit: 'GB/s', value: fom('comm', 1), share: none },
  {
    what: 'training: surrogate',
    unit: 'samples/s',
    value: fom('surrogate', 1, (line) => line.result.check.tol < 1),
    share: (line) => ofPeak('fp32', 'fp32 peak (MFU)')(line, flopsPerSecond(line)),
  },
  {
    what: 'training: surrogate, 1024 wide',
    unit: 'samples/s',
    value: fom('surrogate', 1, problem('width', 1024)),
    share: (line) => ofPeak('fp32', 'fp32 peak (MFU)')(line, flopsPerSecond(line)),
  },
  {
    what: 'training: time to accuracy',
    unit: 's',
    value: (line) =>
      line.result.kernel === 'surrogate' && line.result.check.tol < 1 ? line.result.time.roi_s : undefined,
    share: none,
    least: true,
  },
];

/** Rows for the lines of one machine: of each kind the best of its newest kernels. */
export function rowsOf(lines: readonly Line[]): Row[] {
  return KINDS.flatMap((kind) => {
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
      joules: joulesPerUnit(line, kind.least ? 1 : value * line.result.time.roi_s),
      run: `${line.args.join(' ')}${ranks > 1 ? ` on ${ranks} ranks` : ''}`.trim(),
    };
    return [row];
  });
}

/** `units`: that one run did. */
function joulesPerUnit({ energy, result }: Line, units: number): number | null {
  if (result.energy.gpu_j !== null) return result.energy.gpu_j / units;
  return energy === null ? null : energy.cpu_j / energy.runs / units;
}
