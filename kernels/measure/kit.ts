/** A folder for hosts that have a GPU, its driver, and nothing of this project: programs, and a script that measures them. */
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA, theGpuRuns } from './gpuRuns.ts';
import { GPU_OPTIONS } from './gpus.ts';
import { dataRun, type Run } from './runs.ts';
import { AIM_SECONDS } from './window.ts';

/** What the lines that come back must know of where the programs come from. */
export interface Origin {
  /** Hash of the kernels' sources. */
  readonly kernels: string;
  /** The first line of the compiler's version. */
  readonly compiler: string;
}

/** Adds the script, and what it runs on one GPU, to a folder that has the programs. */
export function writeKit(
  folder: string,
  { kernels, compiler }: Origin,
  runs: readonly Run[] = theGpuRuns(1, DATA),
): void {
  const facts = { kernels, compiler, aim: AIM_SECONDS, query: GPU_OPTIONS.join(' ') };
  const text = Object.entries(facts).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(join(folder, 'build.txt'), text.join(''));
  const line = (needs: string | number, { kernel, args, longer }: Run): string =>
    `${[needs, longer ?? '-', kernel, ...args].join(' ')}\n`;
  const lines = [line('data', dataRun(DATA)), ...runs.map((run) => line(run.capability ?? '-', run))];
  writeFileSync(join(folder, 'runs.txt'), lines.join(''));
  const script = join(folder, 'measure');
  copyFileSync(join(import.meta.dirname, 'bare.sh'), script);
  chmodSync(script, 0o755);
}
