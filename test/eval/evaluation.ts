import type { Log } from '../../scripts/local/progress.ts';
import type { Data } from './data.ts';

/** What a run of the planner goes through: the product's own planner, or the small reference beside it. */
export type Through = 'plan' | 'reference';

/** What `npm run eval` gives to an evaluation. */
export type EvalOptions = {
  /** Absent: the traces are not here, and the generator's stand in for them. */
  readonly data: Data | undefined;
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
  readonly run: (options: EvalOptions) => Promise<EvalResult>;
};

/** Whether the row called `name` is wanted. */
export const isWanted = (name: string, only: string | undefined): boolean =>
  only === undefined || name.toLowerCase().includes(only.toLowerCase());
