/**
 * How a run lies in a table: one list of columns for every database, and the two ways between run and row. What people ask
 * a database for has a column; the rest is one JSON object, which is read in a tenth of the time of as many columns and
 * needs no migration when a run learns to tell more.
 */
import type { Run } from '../run.ts';
import { programOf } from './program.ts';

/** `json` is text in SQLite and jsonb in PostgreSQL: both reach into it by `->>`. */
type ColumnType = 'text' | 'real' | 'integer' | 'boolean' | 'json';

/** In the order of the table, times and durations in seconds. `id`, which counts arrivals, is the database's own. */
export const COLUMNS = {
  uid: 'text',
  attempt: 'integer',
  kind: 'text',
  user_name: 'text',
  queue: 'text',
  program: 'text',
  submitted_at: 'real',
  started_at: 'real',
  ended_at: 'real',
  outcome: 'text',
  censored: 'boolean',
  time_limit: 'real',
  nodes: 'integer',
  ranks: 'integer',
  gpus: 'integer',
  pool: 'text',
  cap: 'real',
  joules: 'real',
  joules_source: 'text',
  watts: 'real',
  details: 'json',
} as const satisfies Record<string, ColumnType>;

export type ColumnName = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly ColumnName[];

/** What has no column of its own, or, as `chosen`, not whole. */
export type Details = Pick<
  Run,
  | 'limitEnforced'
  | 'image'
  | 'command'
  | 'pool'
  | 'accelerator'
  | 'cpus'
  | 'memory'
  | 'declared'
  | 'chosen'
  | 'predicted'
  | 'merit'
>;

/** A row whose JSON is read and whose booleans are booleans: each database brings its own there and back. */
export type Row = {
  readonly uid: string;
  readonly attempt: number;
  readonly kind: string;
  readonly user_name: string | null;
  readonly queue: string;
  readonly program: string | null;
  readonly submitted_at: number;
  readonly started_at: number;
  readonly ended_at: number;
  readonly outcome: Run['outcome'];
  readonly censored: boolean;
  readonly time_limit: number | null;
  readonly nodes: number;
  readonly ranks: number;
  readonly gpus: number;
  /** Where it ran, and the cap it ran under. */
  readonly pool: string;
  readonly cap: number | null;
  readonly joules: number | null;
  readonly joules_source: NonNullable<Run['joulesSource']> | null;
  readonly watts: number | null;
  readonly details: Details;
};

export function rowOf(run: Run): Row {
  const { limitEnforced, image, command, pool, accelerator, cpus, memory, declared, chosen, predicted, merit } = run;
  return {
    uid: run.uid,
    attempt: run.attempt,
    kind: run.kind,
    user_name: run.user ?? null,
    queue: run.queue,
    program: programOf(run) ?? null,
    submitted_at: run.submittedAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    outcome: run.outcome,
    censored: run.censored,
    time_limit: run.limit ?? null,
    nodes: run.nodes,
    ranks: run.ranks,
    gpus: run.gpus,
    pool: chosen.pool,
    cap: chosen.cap ?? null,
    joules: run.joules ?? null,
    joules_source: run.joulesSource ?? null,
    watts: run.watts ?? null,
    details: {
      limitEnforced,
      command,
      cpus,
      memory,
      declared,
      chosen,
      ...(image !== undefined && { image }),
      ...(pool !== undefined && { pool }),
      ...(accelerator !== undefined && { accelerator }),
      ...(predicted !== undefined && { predicted }),
      ...(merit !== undefined && { merit }),
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A row whose JSON and booleans each database reads in its own way. */
export type PlainRow = Omit<Row, 'details' | 'censored'>;

/**
 * The run of a row that `rowOf` made: what is null there is absent here. Field by field: spreads would take several times
 * as long, and every submission reads a hundred rows.
 */
export function runOf(row: PlainRow, details: Details, censored: boolean): Run {
  const run: Mutable<Run> = {
    uid: row.uid,
    attempt: row.attempt,
    kind: row.kind,
    queue: row.queue,
    submittedAt: row.submitted_at,
    limitEnforced: details.limitEnforced,
    command: details.command,
    nodes: row.nodes,
    ranks: row.ranks,
    gpus: row.gpus,
    cpus: details.cpus,
    memory: details.memory,
    declared: details.declared,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    censored,
    chosen: details.chosen,
  };
  if (row.user_name !== null) run.user = row.user_name;
  if (row.time_limit !== null) run.limit = row.time_limit;
  if (row.joules !== null) run.joules = row.joules;
  if (row.joules_source !== null) run.joulesSource = row.joules_source;
  if (row.watts !== null) run.watts = row.watts;
  if (details.image !== undefined) run.image = details.image;
  if (details.pool !== undefined) run.pool = details.pool;
  if (details.accelerator !== undefined) run.accelerator = details.accelerator;
  if (details.predicted !== undefined) run.predicted = details.predicted;
  if (details.merit !== undefined) run.merit = details.merit;
  return run;
}
