/** How near the CPU kernels are to what the machine can do, as ratios of two figures that one process measures in turns. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildKernels, type KernelName } from '../../kernels/build.ts';
import { mpirun, resultOf, run } from '../kernels/run.ts';
import type { Bench } from './bench.ts';
import { quantile, rounded } from './stats.ts';

type Result = ReturnType<typeof resultOf>;
type Launch = (kernel: KernelName, ranks: number, args: readonly string[]) => Promise<Result>;

/** One ratio: a program's figure `of` when it runs with `args` on so many ranks. */
interface Ratio {
  readonly name: string;
  readonly kernel: KernelName;
  readonly ranks: number;
  readonly args: readonly string[];
  readonly of: string;
  /** What the issue of the kernels asks for. */
  readonly goal: number;
}

const STREAM = ['--n', '32000000', '--rounds', '12', '--compare'];
const HEAT = ['--n', '256', '--steps', '60', '--roofline'];
const CG = ['--n', '192', '--iterations', '24', '--roofline', '--preconditioner'];

const RATIOS: readonly Ratio[] = [1, 2].flatMap((ranks) => {
  const suffix = ranks === 1 ? '' : `On${ranks}Ranks`;
  const cg = (name: string, preconditioner: string) =>
    ({ name, kernel: 'cg', ranks, args: [...CG, preconditioner], of: 'share_of_triad', goal: 0.7 }) as const;
  return [
    {
      name: 'streamOfCopy',
      kernel: 'stream',
      ranks,
      args: STREAM,
      of: 'triad_of_best_other_loop',
      goal: 0.95,
    } as const,
    { name: 'heatOfTriad', kernel: 'heat', ranks, args: HEAT, of: 'share_of_triad', goal: 0.8 } as const,
    cg('cgOfBytes', 'none'),
    cg('cgChebyshevOfBytes', 'chebyshev'),
    cg('cgMultigridOfBytes', 'multigrid'),
    cg('cgLearnedOfBytes', 'learned'),
  ].map((ratio) => ({ ...ratio, name: `${ratio.name}${suffix}` }));
});

const NBODY = ['--n', '8192', '--steps', '4'];
const GEMM = ['--n', '1024', '--dtype', 'fp32', '--rounds', '5'];

/** The smallest program that shows a kernel's speed beside the ratios. */
const SPEEDS: readonly { name: string; kernel: KernelName; ranks: number; args: readonly string[]; scale: number }[] = [
  { name: 'nbodyGigaInteractions', kernel: 'nbody', ranks: 1, args: NBODY, scale: 1e9 },
  { name: 'gemmFp64Gflops', kernel: 'gemm', ranks: 1, args: ['--n', '1024', '--rounds', '5'], scale: 1 },
  { name: 'gemmFp32Gflops', kernel: 'gemm', ranks: 1, args: GEMM, scale: 1 },
  { name: 'commAllreduceBusGBs', kernel: 'comm', ranks: 2, args: [], scale: 1 },
];

export const bench: Bench = {
  name: 'kernels',
  describe:
    'the CPU kernels against the machine: shares of the triad, of other loops (--count: runs of each, default 3)',
  async run({ count = 3, log }) {
    const kernels = await buildKernels(log);
    const launch: Launch = async (kernel, ranks, args) =>
      resultOf(await (ranks === 1 ? run(kernels[kernel], args) : mpirun(ranks, kernels[kernel], args)));

    const figures: Record<string, number> = {};
    for (const { name, kernel, ranks, args, of, goal } of RATIOS) {
      const values: number[] = [];
      let roofline = '';
      for (let i = 0; i < count; i++) {
        const result = await launch(kernel, ranks, args);
        values.push(result.figures[of]?.value ?? Number.NaN);
        roofline = rooflineOf(result);
      }
      figures[name] = rounded(quantile(values, 0.5));
      log(`${name}: ${figures[name]} (goal ${goal}); ${roofline}`);
    }
    for (const { name, kernel, ranks, args, scale } of SPEEDS)
      figures[name] = rounded((await launch(kernel, ranks, args)).fom.value / scale);
    Object.assign(figures, await ofGemm(launch, count));
    return {
      figures,
      notes: [
        `ratios are medians of ${count} runs; within a run both sides are timed in turns, so that other load slows both`,
        'streamOfCopy: triad against the fastest of six other read and write loops in the same process',
        'nbodyOfGemm, surrogateOfGemm: flops a second of one rank, 20 to an interaction, against gemm in fp32',
        'heatOfTriad, cgOfBytes: bytes that the method needs, as the READMEs state them, against the triad at as many bytes',
      ],
    };
  },
};

/** Arithmetic in fp32 beside that of a product of matrices, one after the other; medians. */
async function ofGemm(launch: Launch, count: number): Promise<Record<string, number>> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'coxswain-bench-'));
  await launch('heat', 1, ['--n', '32', '--steps', '200', '--alpha', '0.5,1', '--output', folder.path]);
  const nbody: number[] = [];
  const surrogate: number[] = [];
  for (let i = 0; i < count; i++) {
    const gemm = 1e9 * (await launch('gemm', 1, GEMM)).fom.value;
    nbody.push((20 * (await launch('nbody', 1, NBODY)).fom.value) / gemm);
    const training = ['--data', folder.path, '--width', '1024', '--steps', '8', '--target', '10'];
    const { work, time } = await launch('surrogate', 1, training);
    surrogate.push(work.flops / time.roi_s / gemm);
  }
  return { nbodyOfGemm: rounded(quantile(nbody, 0.5)), surrogateOfGemm: rounded(quantile(surrogate, 0.5)) };
}

/** Where a run stands under the roofline: intensity, bandwidth moved, bandwidth that the triad has. */
function rooflineOf({ work, figures, fom }: Result): string {
  const intensity = rounded(work.flops / work.bytes_hbm);
  const triad = figures.triad?.value;
  const moved = figures.moved?.value;
  const rates = triad && moved ? `, moves ${rounded(moved)} of ${rounded(triad)} GB/s` : '';
  return `${intensity} flop/byte${rates}, ${Number(fom.value.toPrecision(4))} ${fom.unit}`;
}
