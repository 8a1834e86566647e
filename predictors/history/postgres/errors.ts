/** Which errors of PostgreSQL pass by themselves, and what to say of the others. */
import { HistoryError } from '../history.ts';

/** A SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html); errors of the network have other codes or none. */
function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Classes that pass: connection, transaction rolled back (deadlock), resources (disk full, too many connections),
 * operator intervention (restart, a cancelled statement), system error; and 25006: a standby that is not yet promoted.
 */
const PASSING = /^(08|40|53|57|58|25006)/;

/** Whether trying later can help: the server is not reached, or is not ready. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HistoryError) return false;
  const state = sqlState(error);
  if (state !== undefined) return PASSING.test(state);
  // node-postgres reports a lost connection and a timeout as plain errors without a code.
  return error instanceof Error && ('code' in error || /connect|timeout|terminated|closed/i.test(error.message));
}

/** The server's words without the URL, whose password is nobody's business. */
export function problemOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(problemOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** `error` as one line with a remedy, where an administrator can mend it. */
export function explained(error: unknown): unknown {
  const state = sqlState(error);
  const remedies: readonly (readonly [RegExp, string])[] = [
    [/^28/, 'check the user and the password in the URL'],
    [/^3D/, 'create the database, or name another in the URL'],
    [/^42501/, 'grant the user CREATE on the schema'],
  ];
  const remedy = remedies.find(([pattern]) => state !== undefined && pattern.test(state))?.[1];
  if (remedy !== undefined) {
    return new HistoryError(`PostgreSQL refuses the history: ${problemOf(error)}; ${remedy}`, { cause: error });
  }
  if (!isPassing(error)) return error;
  return new HistoryError(`PostgreSQL does not answer: ${problemOf(error)}; check the server and the URL`, {
    cause: error,
  });
}
