/** The rows of what ran on processors. */
import { peakGflops } from '../measure/host.ts';
import type { Line } from '../measure/line.ts';
import type { Kind, Share } from './rows.ts';

const none = (): null => null;
const onCpu = ({ result }: Line): boolean => result.gpus === 0;

function ofPeak(precision: 'fp64' | 'fp32', name = `${precision} peak`) {
  return ({ host, result }: Line, gflops: number): Share => {
    const peak = peakGflops(host, Math.min(result.ranks, host.cores), precision);
    return peak === null ? null : { value: gflops / peak, of: name };
  };
}

const fom =
  (kernel: string, scale: number, keep: (line: Line) => boolean = () => true) =>
  (line: Line): number | undefined =>
    onCpu(line) && line.result.kernel === kernel && keep(line) ? line.result.fom.value / scale : undefined;

/** Runs whose steps were timed beside the triad; smaller grids stay in cache, where its bandwidth is no limit. */
const beyondCache = ({ result }: Line): boolean => typeof result.figures['share_of_triad']?.value === 'number';

/** Three arrays of doubles far beyond any cache. */
const large = ({ result }: Line): boolean =>
  typeof result.problem['n'] === 'number' && 24 * result.problem['n'] > 256e6;

function ofTriad({ result }: Line): Share {
  const value = result.figures['share_of_triad']?.value;
  return typeof value === 'number' ? { value, of: 'triad' } : null;
}

const problem = (key: string, value: unknown) => (line: Line) => line.result.problem[key] === value;
const flopsPerSecond = ({ result }: Line): number => result.work.flops / result.time.roi_s / 1e9;

export const KINDS: readonly Kind[] = [
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
      onCpu(line) && line.result.kernel === 'surrogate' && line.result.check.tol < 1
        ? line.result.time.roi_s
        : undefined,
    share: none,
    least: true,
  },
];
