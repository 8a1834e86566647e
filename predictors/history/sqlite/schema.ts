/** The tables in SQLite, step by step: a released step is never edited, a change is a further one. */
import type { DatabaseSync } from 'node:sqlite';
import { HistoryError } from '../history.ts';

/**
 * Step n leads from version n to n + 1 (`PRAGMA user_version`). STRICT refuses values of another type. AUTOINCREMENT: the
 * id of a deleted row is not given again, so a cursor by arrival misses none. The three indexes
 * end in the row's id by themselves, so each answers its order without a sort.
 */
export const STEPS: readonly string[] = [
  `CREATE TABLE runs (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     uid TEXT NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT NULL, user_name TEXT, queue TEXT NOT NULL, program TEXT,
     submitted_at REAL NOT NULL, started_at REAL NOT NULL, ended_at REAL NOT NULL,
     outcome TEXT NOT NULL, censored INTEGER NOT NULL, time_limit REAL,
     nodes INTEGER NOT NULL, ranks INTEGER NOT NULL, gpus INTEGER NOT NULL, pool TEXT NOT NULL, cap REAL,
     joules REAL, joules_source TEXT, watts REAL, details TEXT NOT NULL,
     UNIQUE (uid, attempt)
   ) STRICT;
   CREATE INDEX runs_by_end ON runs (ended_at);
   CREATE INDEX runs_by_user ON runs (user_name, ended_at) WHERE user_name IS NOT NULL;
   CREATE INDEX runs_by_program ON runs (program, ended_at) WHERE program IS NOT NULL;`,
];

/** "CXWH": marks a file as ours, so that another program's database is never written to. */
const APPLICATION = 0x43585748;

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/** Throws a HistoryError for a database that is another program's. */
function refuseForeign(database: DatabaseSync, file: string): void {
  const application = pragma(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (application === APPLICATION || (application === 0 && isEmpty)) return;
  throw new HistoryError(`${file} is the database of another program; name another file for the history`);
}

/**
 * Brings the database to the last of `steps`, each in a transaction of its own: a kill between two leaves a database
 * that the next start goes on from. Throws a HistoryError for one that is newer, or another program's.
 */
export function migrate(database: DatabaseSync, file: string, steps: readonly string[] = STEPS): void {
  refuseForeign(database, file);
  for (;;) {
    const version = pragma(database, 'user_version');
    if (version > steps.length) {
      throw new HistoryError(
        `${file} has schema version ${version}, this program knows ${steps.length}; run the newer program, or name another file`,
      );
    }
    const step = steps[version];
    if (step === undefined) return;
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have taken the step while this one waited for the lock.
      if (pragma(database, 'user_version') === version) {
        database.exec(`PRAGMA application_id = ${APPLICATION}; ${step}; PRAGMA user_version = ${version + 1}`);
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
