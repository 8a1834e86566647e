/** A kernel whose checkpoints are tested: how it is run, and what there is in their folder. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mpirunWords } from '../../kernels/process.ts';
import { until } from '../support/until.ts';
import { type Finished, mpirun, resultOf, resumedResultOf, run, start } from './run.ts';

export interface Kernel {
  readonly folder: string;
  program(): string;
}

/** Two ranks that run: `kill` ends one of them at once; `done` settles when both are gone. */
interface Pair {
  readonly kill: (rank: number) => void;
  readonly done: Promise<unknown>;
}

/** How a kernel is run on two ranks. */
export interface Ways {
  /** To its end; what rank 0 printed. */
  readonly pair: (program: string, args: readonly string[], env?: Record<string, string>) => Promise<Finished>;
  readonly startPair: (program: string, args: readonly string[], folder: string) => Promise<Pair>;
  /** The files in a checkpoint of one rank. */
  readonly files: readonly string[];
}

export const byMpi: Ways = {
  pair: async (...run) => await mpirun(2, ...run),
  startPair: async (program, args, folder) => {
    const ids = mkdtempSync(join(folder, 'ranks-'));
    // Each rank writes down which process it is, and becomes the program.
    const words = ['-c', 'echo $$ > "$0/$OMPI_COMM_WORLD_RANK"; exec "$@"', ids, program, ...args];
    const { done } = start('mpirun', mpirunWords(2, 'sh', words));
    return { kill: (rank) => void run('kill', ['-KILL', readFileSync(join(ids, String(rank)), 'utf8').trim()]), done };
  },
  files: ['state', 'part-0'],
};

type Result = ReturnType<typeof resumedResultOf>;

export class Subject {
  readonly kernel: Kernel;
  readonly args: readonly string[];
  readonly every: number;
  readonly ways: Ways;
  #uninterrupted: Promise<Finished> | undefined;

  constructor(kernel: Kernel, args: readonly string[], every: number, ways: Ways) {
    this.kernel = kernel;
    this.args = args;
    this.every = every;
    this.ways = ways;
  }

  get program(): string {
    return this.kernel.program();
  }

  folder(name: string): string {
    return join(this.kernel.folder, name);
  }

  /** Arguments of a run that saves into the folder of that name; 0: only when asked. */
  saving(name: string, every = this.every): string[] {
    return [...this.args, '--checkpoint', this.folder(name), '--checkpoint-every', String(every)];
  }

  latest(name: string): string | undefined {
    const file = join(this.folder(name), 'LATEST');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  entries(name: string): string[] {
    return readdirSync(this.folder(name)).toSorted();
  }

  /** Waits until a run has saved something after `before`, or is over. */
  async saved(name: string, before: string | undefined, done: Promise<unknown>): Promise<void> {
    let over = false;
    void done.finally(() => (over = true));
    await until(() => over || this.latest(name) !== before, 40_000);
  }

  /** The result of a run that nobody disturbed. */
  async whole(): Promise<Result> {
    return resultOf(await (this.#uninterrupted ??= run(this.program, this.args)));
  }

  /** The result of a run that resumed, which is that of an undisturbed one. */
  async resumed(finished: Finished): Promise<Result> {
    expect(finished.stdout).toContain('resumed after');
    const result = resumedResultOf(finished);
    const wanted = await this.whole();
    expect(result.check).toEqual(wanted.check);
    expect(result.verified).toBe(true);
    expect(result.warnings).toEqual([expect.stringContaining('resumed from a checkpoint')]);
    return result;
  }
}
