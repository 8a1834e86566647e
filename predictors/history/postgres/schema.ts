/** The tables in PostgreSQL, step by step: a released step is never edited, a change is a further one. */
import type { ClientBase } from 'pg';
import { HistoryError } from '../history.ts';

/** Step n leads from version n to n + 1. The same columns as in SQLite (see columns.ts). */
export const STEPS: readonly string[] = [
  `CREATE TABLE coxswain_runs (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     uid text NOT NULL, attempt integer NOT NULL, kind text NOT NULL, user_name text, queue text NOT NULL, program text,
     submitted_at double precision NOT NULL, started_at double precision NOT NULL, ended_at double precision NOT NULL,
     outcome text NOT NULL, censored boolean NOT NULL, time_limit double precision,
     nodes integer NOT NULL, ranks integer NOT NULL, gpus integer NOT NULL, pool text NOT NULL, cap double precision,
     joules double precision, joules_source text, watts double precision, details jsonb NOT NULL,
     UNIQUE (uid, attempt)
   );
   CREATE INDEX coxswain_runs_by_end ON coxswain_runs (ended_at, id);
   CREATE INDEX coxswain_runs_by_user ON coxswain_runs (user_name, ended_at, id) WHERE user_name IS NOT NULL;
   CREATE INDEX coxswain_runs_by_program ON coxswain_runs (program, ended_at, id) WHERE program IS NOT NULL;`,
];

/** Advisory locks of the history ("CXWH", then what for): migrations, and the one writer at a time. */
const LOCK_SPACE = 0x43585748;
export const lock = (purpose: 'migrate' | 'write'): string =>
  `SELECT pg_advisory_xact_lock(${LOCK_SPACE}, ${purpose === 'migrate' ? 1 : 2})`;

/**
 * Brings the database to the last of `steps` in one transaction; of several replicas one does it and the others wait.
 * Throws a HistoryError for a database that is newer.
 */
export async function migrate(client: ClientBase, steps: readonly string[] = STEPS): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(lock('migrate'));
    await client.query('CREATE TABLE IF NOT EXISTS coxswain_schema (version integer NOT NULL)');
    const { rows } = await client.query<{ version: number }>('SELECT version FROM coxswain_schema');
    const version = rows[0]?.version ?? 0;
    if (version > steps.length) {
      throw new HistoryError(
        `the history in PostgreSQL has schema version ${version}, this program knows ${steps.length}; run the newer program, or name another database`,
      );
    }
    for (const step of steps.slice(version)) await client.query(step);
    if (version < steps.length) {
      await client.query('DELETE FROM coxswain_schema');
      await client.query('INSERT INTO coxswain_schema VALUES ($1)', [steps.length]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the first error tells more
    throw error;
  }
}
