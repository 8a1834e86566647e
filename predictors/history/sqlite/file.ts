/** The file of the embedded history: opened so that a kill loses nothing, moved aside when it is damaged. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HistoryError } from '../history.ts';
import { migrate } from './schema.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : Number.NaN;
  return Number.isInteger(code) ? code & 0xff : undefined;
}

export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/**
 * WAL: readers and the one writer do not wait for each other, and a killed process leaves whole transactions.
 * synchronous NORMAL: a commit is in the operating system's hands, so SIGKILL loses none of it. Only a crash of the
 * machine can lose the last commits (never the file), and those runs come back from the statuses of finished jobs. FULL
 * would wait for the disk at each commit, and with it the thread that plans. A checkpoint waits for the disk too: at every
 * 4,000 pages (16 MiB) of the log instead of 1,000, an import takes half the time.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -16384;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 16777216;
  PRAGMA temp_store = MEMORY;`;

/** Milliseconds to wait for another process that writes: a second replica on one volume during an update. */
const BUSY = 5_000;

/** Where no volume is: the history lives as long as the process, and begins with the statuses of finished jobs. */
const IN_MEMORY = ':memory:';

/** Opens or makes the database, readable by its owner alone: command lines are nobody else's business. */
export function openFile(file: string): DatabaseSync {
  if (file !== IN_MEMORY) {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  }
  const database = new DatabaseSync(file, { timeout: BUSY });
  try {
    database.exec(SETTINGS);
    migrate(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A name that no file has yet: `FILE.damaged`, `FILE.damaged-2`, … */
function freeName(file: string): string {
  for (let n = 1; ; n++) {
    const name = `${file}.damaged${n === 1 ? '' : `-${n}`}`;
    if (!existsSync(name)) return name;
  }
}

/**
 * Moves a damaged database aside, with its log of transactions, for whoever wants to recover it (`sqlite3 FILE .recover`).
 * Answers its new name. To be called when it is closed.
 */
export function moveAside(file: string): string {
  const aside = freeName(file);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}

/** What the system says of a file that cannot be opened or written, as one line with a remedy. */
export function explained(error: unknown, file: string): unknown {
  if (error instanceof HistoryError || !(error instanceof Error)) return error;
  const code = resultCode(error);
  const remedies: Readonly<Record<number, string>> = {
    5: 'is locked by another process; give each replica a file of its own',
    8: 'may not be written; check the permissions of the file and its folder',
    10: 'cannot be read or written; check the disk',
    13: 'cannot grow, the disk is full; make room or lower the retention',
    14: 'cannot be opened; check the path and its permissions',
  };
  const remedy = code === undefined ? undefined : remedies[code];
  if (remedy !== undefined) return new HistoryError(`the history ${file} ${remedy}`, { cause: error });
  if (!('syscall' in error)) return error;
  return new HistoryError(`the history ${file} cannot be opened (${error.message}); check the path`, { cause: error });
}
