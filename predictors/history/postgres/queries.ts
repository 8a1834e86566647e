/** The statements of the history in PostgreSQL. */
import type { Run } from '../../run.ts';
import { COLUMN_NAMES, COLUMNS, type ColumnName, type Row, rowOf, runOf } from '../columns.ts';
import type { Cursor } from '../history.ts';

const TYPES = {
  text: 'text',
  real: 'double precision',
  integer: 'integer',
  boolean: 'boolean',
  json: 'jsonb',
} as const;

const LIST = COLUMN_NAMES.join(', ');
const TYPED = COLUMN_NAMES.map((name: ColumnName) => `${name} ${TYPES[COLUMNS[name]]}`).join(', ');
const SELECT = `SELECT id, ${LIST} FROM coxswain_runs`;

/** Named statements are prepared once on each connection. */
const query = (name: string, text: string) => ({ name: `coxswain_${name}`, text });

export const QUERIES = {
  /** Any number of rows in one parameter. */
  insert: query(
    'insert',
    `INSERT INTO coxswain_runs (${LIST}) SELECT ${LIST} FROM jsonb_to_recordset($1::jsonb) AS given (${TYPED})
     ON CONFLICT (uid, attempt) DO NOTHING`,
  ),
  ofUser: query('of_user', `${SELECT} WHERE user_name = $1 ORDER BY ended_at DESC, id DESC LIMIT $2`),
  ofProgram: query('of_program', `${SELECT} WHERE program = $1 ORDER BY ended_at DESC, id DESC LIMIT $2`),
  byEnd: query('by_end', `${SELECT} WHERE (ended_at, id) > ($1, $2) ORDER BY ended_at, id LIMIT $3`),
  byArrival: query('by_arrival', `${SELECT} WHERE id > $1 AND (ended_at, id) > ($2, $3) ORDER BY id LIMIT $4`),
  nth: query('nth', 'SELECT ended_at, id FROM coxswain_runs ORDER BY ended_at DESC, id DESC LIMIT 1 OFFSET $1'),
  counts: query(
    'counts',
    'SELECT count(*)::double precision AS n, min(ended_at) AS first, max(ended_at) AS last FROM coxswain_runs',
  ),
  deleteBefore: query(
    'delete_before',
    'DELETE FROM coxswain_runs WHERE id IN (SELECT id FROM coxswain_runs WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)',
  ),
  deleteFirst: query(
    'delete_first',
    'DELETE FROM coxswain_runs WHERE id IN (SELECT id FROM coxswain_runs ORDER BY ended_at, id LIMIT $1)',
  ),
} as const;

export const rowsAsJson = (runs: readonly Run[]): string => JSON.stringify(runs.map(rowOf));

/** A row as pg gives it: a bigint is text there. */
export type StoredRow = Row & { readonly id: string };

export const storedRuns = (rows: readonly StoredRow[]): Run[] =>
  rows.map((row) => runOf(row, row.details, row.censored));
export const placeOf = ({ ended_at, id }: Pick<StoredRow, 'ended_at' | 'id'>): Cursor => ({
  endedAt: ended_at,
  id: Number(id),
});
