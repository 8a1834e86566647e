/** The prepared statements of the embedded history, and rows as SQLite has them. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Run } from '../../run.ts';
import { COLUMN_NAMES, type Details, type PlainRow, type Row, rowOf, runOf } from '../columns.ts';

const SELECT = `SELECT id, ${COLUMN_NAMES.join(', ')} FROM runs`;
const INSERT = `INSERT INTO runs (${COLUMN_NAMES.join(', ')}) VALUES (${COLUMN_NAMES.map(() => '?').join(', ')})
  ON CONFLICT (uid, attempt) DO NOTHING`;

export type Statements = {
  readonly insert: StatementSync;
  readonly ofUser: StatementSync;
  readonly ofProgram: StatementSync;
  readonly byEnd: StatementSync;
  readonly byArrival: StatementSync;
  readonly nth: StatementSync;
  readonly count: StatementSync;
  readonly firstEnd: StatementSync;
  readonly lastEnd: StatementSync;
  readonly deleteBefore: StatementSync;
  readonly deleteFirst: StatementSync;
};

export function prepare(database: DatabaseSync): Statements {
  const first = (order: string) => `SELECT ended_at AS at FROM runs ORDER BY ended_at ${order} LIMIT 1`;
  return {
    insert: database.prepare(INSERT),
    ofUser: database.prepare(`${SELECT} WHERE user_name = ? ORDER BY ended_at DESC, id DESC LIMIT ?`),
    ofProgram: database.prepare(`${SELECT} WHERE program = ? ORDER BY ended_at DESC, id DESC LIMIT ?`),
    byEnd: database.prepare(`${SELECT} WHERE (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`),
    byArrival: database.prepare(`${SELECT} WHERE id > ? AND (ended_at, id) > (?, ?) ORDER BY id LIMIT ?`),
    nth: database.prepare('SELECT ended_at AS at, id FROM runs ORDER BY ended_at DESC, id DESC LIMIT 1 OFFSET ?'),
    count: database.prepare('SELECT count(*) AS n FROM runs'),
    firstEnd: database.prepare(first('ASC')),
    lastEnd: database.prepare(first('DESC')),
    deleteBefore: database.prepare(
      'DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE ended_at < ? ORDER BY ended_at LIMIT ?)',
    ),
    deleteFirst: database.prepare('DELETE FROM runs WHERE id IN (SELECT id FROM runs ORDER BY ended_at, id LIMIT ?)'),
  };
}

/** The values of a run in the order of the columns. */
export function valuesOf(run: Run): SQLInputValue[] {
  const row: Row = rowOf(run);
  return COLUMN_NAMES.map((name) => {
    const value = row[name] ?? null;
    if (typeof value === 'object' && value !== null) return JSON.stringify(value);
    return typeof value === 'boolean' ? Number(value) : value;
  });
}

/** A row as SQLite gives it. */
export type StoredRow = PlainRow & { readonly id: number; readonly censored: number; readonly details: string };

/** The run of a stored row; undefined where its JSON cannot be read, for SQLite has no checksums. */
export function storedRun(row: StoredRow): Run | undefined {
  try {
    return runOf(row, JSON.parse(row.details) as Details, row.censored === 1);
  } catch {
    return undefined; // counted by the caller as unreadable
  }
}
