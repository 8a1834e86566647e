/** The history: one row per finished run. What a store of it offers, whichever database lies below. */
import type { Run } from '../run.ts';

/** A run that was not stored: its place in what was given, its uid if it has one, and why: one line that names the field. */
export type Refusal = { readonly index: number; readonly uid: string; readonly reason: string };

/** What became of the runs of one call. Every run given is counted in exactly one of the four. */
export type Recorded = {
  /** New rows, durable now: a SIGKILL after the answer loses none of them. */
  readonly stored: number;
  /** Runs whose (uid, attempt) is there already; the row stays as it is. */
  readonly known: number;
  /**
   * Runs held in memory until the database answers again; only PostgreSQL has any. When too many wait, the oldest are
   * dropped and counted (see Losses).
   */
  readonly buffered: number;
  readonly refused: readonly Refusal[];
};

/** A place in the history, as a batch gave it; `id` counts arrivals and begins at 1. */
export type Cursor = { readonly endedAt: number; readonly id: number };

/** Before all runs. No run ends before the epoch (see bounds.ts). */
export const START: Cursor = { endedAt: -1, id: 0 };

/** Whether `a` lies behind `b` in order of end. */
export function isBehind(a: Cursor, b: Cursor): boolean {
  return a.endedAt > b.endedAt || (a.endedAt === b.endedAt && a.id > b.id);
}

export type Batch = {
  readonly runs: readonly Run[];
  /** Where to go on: behind the last run of the batch. */
  readonly cursor: Cursor;
};

export type ReadOptions = {
  /** Only what comes behind this place. */
  readonly after?: Cursor;
  /** Only the last so many runs in order of end, and of these what comes behind `after`. */
  readonly last?: number;
  /**
   * `end` (the default): as the runs ended. `arrival`: as they were recorded, which a follower wants, for a gap that is
   * filled late lies before its cursor in order of end.
   */
  readonly order?: 'end' | 'arrival';
  /** Most runs of one batch, 1 to 10,000; default 500. */
  readonly batch?: number;
};

export type Retention = {
  /** Runs that ended longer ago go, seconds. */
  readonly seconds?: number;
  /** When there are more runs than this, those that ended first go. */
  readonly rows?: number;
};

/** Rows of the database, and the first and last end; absent: there is no run. */
export type Counts = { readonly rows: number; readonly firstEnd?: number; readonly lastEnd?: number };

/** What this process did not store or could not read since it opened the history. */
export type Losses = {
  /** Runs refused at the door. */
  readonly refused: number;
  /** Rows that could not be read back. */
  readonly unreadable: number;
  /** Runs that wait in memory for the database, and runs lost because too many waited. */
  readonly buffered: number;
  readonly dropped: number;
};

/** Methods reject with a HistoryError for what an administrator can mend, with anything else for a bug. */
export type History = {
  /** Stores runs, each once by (uid, attempt). Safe to repeat. */
  record(runs: readonly Run[]): Promise<Recorded>;
  /** Streams runs in batches; never more than one batch is in memory. Runs recorded meanwhile may be among them. */
  read(options?: ReadOptions): AsyncGenerator<Batch, void, undefined>;
  /** The last `count` (at most 1,000) runs of a user, the latest end first. */
  recentOfUser(user: string, count: number): Promise<readonly Run[]>;
  /** The last `count` (at most 1,000) runs of a program as `programOf` names it, the latest end first. */
  recentOfProgram(program: string, count: number): Promise<readonly Run[]>;
  counts(): Promise<Counts>;
  /** Known also while the database is away. */
  losses(): Losses;
  /** Deletes what need not be kept, a little at a time; answers how many. */
  prune(retention: Retention): Promise<number>;
  /** Closes the database. PostgreSQL: tries once more to store what is buffered. No method may be called afterwards. */
  close(): Promise<void>;
};

/** What an administrator can mend; the message says how. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The part of a log that the history speaks through. */
export type HistoryLog = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
};

/** Most runs that `recentOfUser` and `recentOfProgram` answer. */
const MOST_RECENT = 1_000;
const LARGEST_BATCH = 10_000;

/** `wanted` as a whole number within what is allowed. Throws a RangeError for what is no count at all. */
function count(wanted: number, name: string, most: number): number {
  if (!Number.isInteger(wanted) || wanted < 1) throw new RangeError(`${name} ${wanted}: give a whole number above 0`);
  return Math.min(wanted, most);
}

export const recentCount = (wanted: number): number => count(wanted, 'count', MOST_RECENT);
export const batchSize = (wanted = 500): number => count(wanted, 'batch', LARGEST_BATCH);
