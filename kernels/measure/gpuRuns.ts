/** The set of runs that calibrates a machine's GPUs: each kernel that has such a back end, on one GPU and on all. */
import type { CudaName } from '../cuda/build.ts';
import type { Run } from './runs.ts';

/** Runs of one kernel. Sizes fit a GPU of 40 GB. */
interface GpuSet extends Pick<Run, 'longer' | 'capability'> {
  readonly kernel: CudaName;
  readonly sizes: readonly string[];
}

/** Stands for the data set's folder, here and in the calibration. */
export const DATA = 'DATA';

// Joules need 10 s. A solution of heat decays, and cg comes to the end of one, so they are repeated; bodies that move for long leave
// the tolerance of their energy, so only the large nbody runs are made longer.
const SETS: readonly GpuSet[] = [
  {
    kernel: 'stream',
    longer: '--rounds',
    sizes: [
      '--n 16777216 --rounds 100',
      '--n 67108864 --rounds 100',
      '--n 268435456 --rounds 50 --compare',
      '--n 536870912 --rounds 50 --compare',
    ],
  },
  {
    kernel: 'gemm',
    longer: '--rounds',
    sizes: [
      '--n 4096 --rounds 5',
      '--n 8192 --rounds 3',
      '--n 8192 --dtype fp32 --rounds 5',
      '--n 4096 --dtype bf16 --path mma --rounds 50',
      '--n 8192 --dtype bf16 --path mma --rounds 20',
    ],
  },
  {
    kernel: 'gemm',
    longer: '--rounds',
    capability: 90,
    sizes: ['--n 4096 --dtype bf16 --path wgmma --rounds 50', '--n 8192 --dtype bf16 --path wgmma --rounds 20'],
  },
  {
    kernel: 'heat',
    longer: '--repeat',
    sizes: [
      '--n 128 --steps 10000 --repeat 1',
      '--n 256 --steps 5000 --repeat 1',
      '--n 512 --steps 1000 --repeat 1',
      '--n 768 --steps 500 --repeat 1',
    ],
  },
  {
    kernel: 'cg',
    longer: '--repeat',
    sizes: [
      '--n 128 --iterations 50 --repeat 20',
      '--n 256 --iterations 50 --repeat 10',
      '--n 512 --iterations 50 --repeat 2',
      '--n 512 --iterations 20 --repeat 1 --preconditioner chebyshev',
      '--n 512 --iterations 10 --repeat 1 --preconditioner multigrid',
    ],
  },
  // Beside the triad, which takes joules too.
  {
    kernel: 'cg',
    sizes: ['--n 512 --iterations 50 --roofline', '--n 512 --iterations 20 --roofline --preconditioner learned'],
  },
  { kernel: 'nbody', sizes: ['--n 65536 --steps 10', '--n 65536 --steps 10 --approximate'] },
  { kernel: 'nbody', longer: '--steps', sizes: ['--n 524288 --steps 2', '--n 524288 --steps 2 --approximate'] },
  {
    kernel: 'attn',
    longer: '--rounds',
    sizes: [
      '--heads 16 --length 4096 --rounds 20',
      '--heads 16 --length 8192 --rounds 10',
      '--heads 16 --length 16384 --rounds 5',
    ],
  },
  // --target 100: how fast, not how well.
  {
    kernel: 'surrogate',
    longer: '--steps',
    sizes: [
      `--data ${DATA} --steps 50 --width 1024 --depth 4 --batch 16384 --rate 0.0005 --target 100`,
      `--data ${DATA} --steps 200 --width 1024 --depth 4 --batch 16384 --rate 0.0005 --target 100 --dtype bf16`,
      `--data ${DATA} --steps 50 --width 4096 --depth 4 --batch 16384 --rate 0.0005 --target 100 --dtype bf16`,
    ],
  },
  { kernel: 'surrogate', sizes: [`--data ${DATA} --steps 4000`] },
];

/** `gpus`: how many there are, for a rank each; `data`: the folder of surrogate's data set. */
export function theGpuRuns(gpus: number, data: string): Run[] {
  const counts = gpus > 1 ? [1, gpus] : [1];
  const words = (text: string): string[] => text.split(' ').map((word) => (word === DATA ? data : word));
  return SETS.flatMap(({ sizes, ...set }) =>
    counts.flatMap((ranks) => sizes.map((text) => ({ ...set, ranks, args: ['--backend', 'cuda', ...words(text)] }))),
  );
}

/** Whether a GPU of this capability (null: unknown) has what the run needs. */
export function fits({ capability }: Run, has: number | null): boolean {
  return capability === undefined || capability === has;
}
