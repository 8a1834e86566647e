import type { Log } from '../../scripts/local/progress.ts';

/** What `npm run bench` gives to a bench. */
export interface BenchOptions {
  /** Repetitions, jobs, whatever the bench counts; absent: its own default. */
  readonly count: number | undefined;
  /** Parts of the bench by their names, in its own words; absent: all. */
  readonly only: readonly string[] | undefined;
  readonly log: Log;
}

export interface BenchResult {
  /** By name, whose end tells the unit: Seconds, MiB, no unit for counts. */
  readonly figures: Readonly<Record<string, number>>;
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
}

/** One bench: a file of this folder exports it as `bench`. */
export interface Bench {
  readonly name: string;
  readonly describe: string;
  run(options: BenchOptions): Promise<BenchResult>;
}
