/** The set of runs that calibrates a machine's processors: each kernel in several sizes, on one rank and on all cores. */
import type { KernelName } from '../build.ts';
import type { CudaName } from '../cuda/build.ts';

export interface Run {
  readonly kernel: KernelName | CudaName;
  readonly ranks: number;
  readonly args: readonly string[];
  /** Of several trainings, each longer: those after the first that verified are left out. */
  readonly untilVerified?: boolean;
  /** The option among `args` whose number makes the run longer, where joules need that. */
  readonly longer?: string;
  /** The one capability of a GPU that has what it needs: 90 for instructions of sm_90a. */
  readonly capability?: number;
}

/** Whether it is for GPUs. */
export const usesGpu = ({ args }: Pick<Run, 'args'>): boolean => args.includes('cuda');

/** The words of a run, for people. */
export const nameOfRun = ({ kernel, args, ranks }: Run): string => `${kernel} ${args.join(' ')} on ${ranks}`;

/** What surrogate's data set is made by, before the runs; `folder` is where it goes. */
export function dataRun(folder: string): Run {
  return { kernel: 'heat', ranks: 1, args: words(`--n 48 --steps 800 --alpha 0.5,1,1.5,2 --output ${folder}`) };
}

/** Steps of the trainings that look for the time to accuracy: the learning rate falls to 0 at the last step, so each is whole. */
const LADDER = [250, 500, 1000, 2000, 4000, 8000];

/** `data`: the folder of surrogate's data set. */
export function theRuns(cores: number, data: string): Run[] {
  const ranks = cores > 1 ? [1, cores] : [1];
  const on = (kernel: KernelName, options: readonly string[]): Run[] =>
    ranks.flatMap((count) => options.map((text) => ({ kernel, ranks: count, args: words(text) })));
  const train = (text: string) => `--data ${data} ${text}`;
  return [
    ...on('stream', ['--n 1000000', '--n 4000000', '--n 16000000', '--n 32000000']),
    ...on('gemm', ['--n 512', '--n 1024', '--n 2048 --rounds 3', '--n 1024 --dtype fp32']),
    ...on('heat', [
      '--n 48 --steps 2000',
      '--n 96 --steps 400',
      '--n 160 --steps 100 --roofline',
      '--n 256 --steps 40 --roofline',
    ]),
    ...on('cg', [
      '--n 64 --iterations 100',
      '--n 128 --iterations 50 --roofline',
      '--n 192 --iterations 20 --roofline',
      '--n 128 --iterations 500 --tolerance 1e-9 --preconditioner multigrid',
      '--n 128 --iterations 500 --tolerance 1e-9 --preconditioner learned',
    ]),
    ...on('nbody', ['--n 4096 --steps 8', '--n 16384 --steps 2']),
    ...(cores > 1 ? [{ kernel: 'comm', ranks: cores, args: [] } as const] : []),
    ...on('surrogate', [
      train('--steps 20 --width 1024 --rate 0.0005 --target 100'),
      train('--steps 400 --width 128 --target 100'),
    ]),
    ...LADDER.map(
      (steps): Run => ({
        kernel: 'surrogate',
        ranks: cores,
        args: words(train(`--steps ${steps}`)),
        untilVerified: true,
      }),
    ),
  ];
}

function words(text: string): string[] {
  return text.split(' ');
}
