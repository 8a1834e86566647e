/** The history that the configuration asks for. */
import type { History, HistoryLog } from './history.ts';
import { HistoryError } from './history.ts';

export type HistoryOptions = {
  /** A file of this replica alone, `:memory:` where it has no volume, or a URL `postgresql://…` that replicas share. */
  readonly at: string;
  readonly log: HistoryLog;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** What becomes of a damaged file: the operator moves it `aside` and begins a new one (the default); a tool must not. */
  readonly damaged?: 'aside' | 'refuse';
};

/** Opens the history; a file that is not there is made. Rejects with a HistoryError. Each driver is loaded when it is asked for. */
export async function openHistory({ at, log, now, damaged = 'aside' }: HistoryOptions): Promise<History> {
  if (/^postgres(ql)?:\/\//.test(at)) {
    const { PostgresHistory } = await import('./postgres/postgres.ts');
    return await PostgresHistory.open({ url: at, log, now });
  }
  // The text may hold a password, so only its scheme is shown.
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(at)?.[0];
  if (scheme !== undefined) {
    throw new HistoryError(
      `the history cannot be kept at ${scheme}…; give a file, or a URL that begins with postgresql://`,
    );
  }
  const { SqliteHistory } = await import('./sqlite/sqlite.ts');
  return new SqliteHistory({ file: at, log, now, damaged });
}
