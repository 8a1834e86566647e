/** The history that --at names. It is opened only where it is one: a slip must neither make a file nor move one aside. */
import { open } from 'node:fs/promises';
import type { History } from '../../../predictors/history/history.ts';
import { openHistory } from '../../../predictors/history/open.ts';
import { fileError, UsageError } from '../errors.ts';
import type { OptionSpecs } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export const AT = {
  at: {
    value: 'FILE|URL',
    help: 'The history: a file of the embedded database, or postgresql://user@host/database; PGPASSWORD is heeded.',
  },
} as const satisfies OptionSpecs;

/** The first bytes of every file of SQLite 3 (sqlite.org/fileformat.html). */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

export const isUrl = (at: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(at);

/** Whether the file is a database, or still empty; undefined where there is none. Throws UsageError where it cannot be read. */
export async function isDatabase(path: string): Promise<boolean | undefined> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length));
    return bytesRead === 0 || buffer.equals(MAGIC);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(error, path, 'name the file of a history with --at');
  }
}

/** Nothing is said of what the driver sees: whatever it means for the command, the command says itself. */
const SILENT = { info: () => undefined, warn: () => undefined };

const nameOf = (at: string | undefined): string => {
  if (at !== undefined && at !== '' && at !== ':memory:') return at;
  throw new UsageError('--at FILE|URL is missing: the history that is meant');
};

/** Opens a history and closes it when `work` is done. `make`: a file that is not there is made. */
async function within<T>(at: string, terminal: Terminal, work: (history: History) => Promise<T>): Promise<T> {
  const history = await openHistory({ at, log: SILENT, now: terminal.now, damaged: 'refuse' });
  try {
    // A server that is away is told of here, before any work is done.
    await history.counts();
    return await work(history);
  } finally {
    await history.close();
  }
}

/** Works with the history that is there. Throws UsageError and HistoryError. */
export async function withHistory<T>(
  at: string | undefined,
  terminal: Terminal,
  work: (history: History) => Promise<T>,
): Promise<T> {
  const name = nameOf(at);
  if (!isUrl(name)) {
    const found = await isDatabase(name);
    if (found === undefined)
      throw new UsageError(`${name}: there is no such file; name the file of a history with --at`);
    if (!found) throw new UsageError(`${name}: is no history; history import makes one of exports, traces and dumps`);
  }
  return await within(name, terminal, work);
}

/** The same; a file that is not there yet is made. */
export async function withNewHistory<T>(
  at: string | undefined,
  terminal: Terminal,
  work: (history: History) => Promise<T>,
): Promise<T> {
  const name = nameOf(at);
  if (!isUrl(name) && (await isDatabase(name)) === false) {
    throw new UsageError(`${name}: is another file, no history; name a new file with --at, it will be made`);
  }
  return await within(name, terminal, work);
}

/** Works with a history in memory that goes away afterwards. */
export async function withoutFile<T>(terminal: Terminal, work: (history: History) => Promise<T>): Promise<T> {
  return await within(':memory:', terminal, work);
}
