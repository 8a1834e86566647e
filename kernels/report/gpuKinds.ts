/** The rows of what ran on GPUs. */
import type { Line } from '../measure/line.ts';
import { type GpuPeaks, gpuPeaks } from './peaks.ts';
import type { Kind, Share } from './rows.ts';

/** Of the GPUs of the run together; null where their peak is not known. `used`: of what `peak` counts, each second. */
function ofPeak(line: Line, peak: keyof GpuPeaks, used: number, of: string): Share {
  const { gpu, gpus } = line.result;
  const peaks = gpu === null ? undefined : gpuPeaks(gpu.name);
  return peaks === undefined ? null : { value: used / (gpus * peaks[peak]), of };
}

const fom =
  (kernel: string, scale: number, keep: (line: Line) => boolean = () => true) =>
  (line: Line): number | undefined =>
    line.result.gpus > 0 && line.result.kernel === kernel && keep(line) ? line.result.fom.value / scale : undefined;

const dtype = (type: string) => (line: Line) => line.result.problem['dtype'] === type;
const asked = (word: string) => (line: Line) => line.args.includes(word);

/** Two or three arrays of doubles far beyond any cache of a GPU. */
const large =
  (bytes: (n: number) => number) =>
  ({ result }: Line): boolean =>
    typeof result.problem['n'] === 'number' && bytes(result.problem['n']) > 1e9;

const bandwidth = (line: Line, gigabytes: number): Share => ofPeak(line, 'bandwidth_gbs', gigabytes, "memory's peak");

/** GFLOP/s of matrix instructions. */
const bf16 = (line: Line, gflops: number): Share => ofPeak(line, 'bf16_gflops', gflops, 'bf16 peak');

const BYTES_PER_CELL = 16; // kernels/mpi/heat/README.md
const FLOPS_PER_INTERACTION = 20; // kernels/mpi/nbody/README.md

function gemmBf16(path: string): Kind {
  return {
    what: `GPU: gemm bf16, ${path}`,
    unit: 'GFLOP/s',
    value: fom('gemm', 1, (line) => dtype('bf16')(line) && asked(path)(line)),
    share: bf16,
  };
}

function cg(preconditioner: string): Kind['value'] {
  return fom(
    'cg',
    1,
    (line) => large((n) => 32 * n ** 3)(line) && line.result.problem['preconditioner'] === preconditioner,
  );
}

function nbody(what: string, approximate: boolean): Kind {
  return {
    what,
    unit: 'Ginteractions/s',
    value: fom('nbody', 1e9, (line) => asked('--approximate')(line) === approximate),
    share: (line, value) => ofPeak(line, 'fp32_gflops', value * FLOPS_PER_INTERACTION, 'fp32 peak'),
  };
}

/** Of a net at least 1024 wide, so that products of matrices are most of it. */
function training(type: string, share: Kind['share']): Kind {
  const wide = ({ result }: Line): boolean => Number(result.problem['width']) >= 1024;
  return {
    what: `GPU training: surrogate ${type}`,
    unit: 'samples/s',
    value: fom('surrogate', 1, (line) => wide(line) && dtype(type)(line)),
    share: (line) => share(line, line.result.work.flops / line.result.time.roi_s / 1e9),
  };
}

export const GPU_KINDS: readonly Kind[] = [
  {
    what: 'GPU: stream triad',
    unit: 'GB/s',
    value: fom(
      'stream',
      1,
      large((n) => 24 * n),
    ),
    share: bandwidth,
  },
  {
    what: "GPU: the driver's copy",
    unit: 'GB/s',
    value: (line) => (line.result.gpus > 0 ? (line.result.figures['best_other_loop']?.value ?? undefined) : undefined),
    share: bandwidth,
  },
  {
    what: 'GPU: gemm fp64',
    unit: 'GFLOP/s',
    value: fom('gemm', 1, dtype('fp64')),
    share: (line, value) => ofPeak(line, 'fp64_gflops', value, 'fp64 peak'),
  },
  {
    what: 'GPU: gemm fp32',
    unit: 'GFLOP/s',
    value: fom('gemm', 1, dtype('fp32')),
    share: (line, value) => ofPeak(line, 'fp32_gflops', value, 'fp32 peak'),
  },
  gemmBf16('wgmma'),
  gemmBf16('mma'),
  {
    what: 'GPU: heat',
    unit: 'Gcells/s',
    value: fom(
      'heat',
      1e9,
      large((n) => BYTES_PER_CELL * n ** 3),
    ),
    share: (line, value) => bandwidth(line, value * BYTES_PER_CELL),
  },
  {
    what: 'GPU: HPCG-like: cg, multigrid',
    unit: 'GFLOP/s',
    value: cg('multigrid'),
    share: (line, value) => ofPeak(line, 'fp64_gflops', value, 'fp64 peak'),
  },
  {
    what: 'GPU: cg, no preconditioner',
    unit: 'GFLOP/s',
    value: cg('none'),
    share: (line, value) => bandwidth(line, (value * line.result.work.bytes_hbm) / line.result.work.flops),
  },
  nbody('GPU: nbody', false),
  nbody('GPU: nbody, approximate root', true),
  { what: 'GPU: attention forward bf16', unit: 'GFLOP/s', value: fom('attn', 1), share: bf16 },
  training('fp32', (line, gflops) => ofPeak(line, 'fp32_gflops', gflops, 'fp32 peak (MFU)')),
  training('bf16', (line, gflops) => ofPeak(line, 'bf16_gflops', gflops, 'bf16 peak (MFU)')),
  {
    what: 'GPU training: time to accuracy',
    unit: 's',
    value: (line) =>
      line.result.gpus > 0 && line.result.kernel === 'surrogate' && line.result.check.tol < 1
        ? line.result.time.roi_s
        : undefined,
    share: () => null,
    least: true,
  },
];
