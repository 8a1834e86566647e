import type { Log } from '../../scripts/local/progress.ts';
import type { Data } from './data.ts';

/** What a run of the planner goes through: the product's own planner, or the small reference beside it. */
export type Through = 'plan' | 'reference';

/** What `npm run eval` gives to an evaluation. */
export type EvalOptions = {
  /** Absent: the traces are not here, and the generator's stand in for them. */
  readonly data: Data | undefined;
  /** Where measured files lie, for evaluations that read more than traces. */
  readonly folder: string;
  /** Files to learn from and to be judged on; empty: the evaluation's own folds over the folder. */
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** One trace to be judged on, where an evaluation takes any. */
  readonly trace: string | undefined;
  /** Whether runs of that trace are ended at their limits; absent: as its runs show. */
  readonly limitEnforced: boolean | undefined;
  /** Only rows whose name holds this, upper and lower case alike. */
  readonly only: string | undefined;
  /** Jittered replicas of a trace; absent: the evaluation's own number. */
  readonly replicas: number | undefined;
  readonly through: Through;
  readonly log: Log;
};

export type EvalResult = {
  /** By name, e.g. `outside`. */
  readonly figures: Readonly<Record<string, number>>;
  /** What a reader must know to judge the figures. */
  readonly notes: readonly string[];
};

export type Evaluation = {
  readonly name: string;
  readonly describe: string;
  /** It reads measured files of the folder, and no job traces. */
  readonly ownFiles?: true;
  readonly run: (options: EvalOptions) => Promise<EvalResult>;
};

/** The rows whose name holds `only`. Throws where there is none: a table without rows would look like one without faults. */
export function wanted<T>(rows: readonly T[], nameOf: (row: T) => string, only: string | undefined): readonly T[] {
  const text = only?.toLowerCase();
  const kept = rows.filter((row) => text === undefined || nameOf(row).toLowerCase().includes(text));
  if (kept.length === 0) throw new Error(`--only ${only}: no row is called so`);
  return kept;
}
