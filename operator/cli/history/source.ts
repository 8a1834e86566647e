/** A file of runs, of whatever kind, into a history. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type History, HistoryError } from '../../../predictors/history/history.ts';
import { importLines } from '../../../predictors/history/jsonLines/jsonLines.ts';
import { type Loaded, load } from '../../../predictors/history/load.ts';
import { importSacct } from '../../../predictors/history/warmstart/sacct.ts';
import { clean, plural } from '../../sim/report/text.ts';
import { readBytes } from '../../sim/traces/read.ts';
import { fileError, UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { Format } from './format.ts';
import { readSwf } from './readSwf.ts';

export type Source = {
  readonly path: string;
  readonly format: Format;
  /** Only for dumps of sacct: the cluster's name, and seconds that its clock is ahead of UTC. */
  readonly cluster?: string;
  readonly utcOffset?: number;
};

export type Imported = Loaded & { readonly file: string; readonly format: Format };

/** How often the bytes of a file are read. */
const PASSES: Readonly<Record<Format, number>> = { jsonl: 1, sacct: 1, swf: 2 };

async function loadFrom(history: History, source: Source, onRead: (bytes: number) => void): Promise<Loaded> {
  const { path, format, cluster, utcOffset = 0 } = source;
  switch (format) {
    case 'jsonl':
      return await importLines(history, readBytes(path, onRead));
    case 'sacct':
      return await importSacct(history, readBytes(path, onRead), {
        cluster: cluster ?? basename(path).replace(/\..*$/, ''),
        utcOffset,
      });
    case 'swf':
      return await load(history, readSwf(path, onRead));
  }
}

/** `3 × not JSON, 1 × nodes`, the commonest first. */
export const countsText = (counts: Loaded['counts']): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} × ${clean(kind)}`)
    .join(', ');

/** Throws UsageError where nothing of the file can be used, and where not all of it reached the database. */
function checked(path: string, loaded: Loaded): Loaded {
  const { stored, known, buffered, bad, counts, problems } = loaded;
  if (buffered > 0)
    throw new UsageError(`${path}: the database went away before ${plural(buffered, 'run')}; import it again`);
  const [first] = problems;
  if (first === undefined || stored + known > 0) return loaded;
  const example = `e.g. line ${first.line}: ${clean(first.reason)}`;
  throw new UsageError(`${path}: there is no run in ${plural(bad, 'line')} (${countsText(counts)}), ${example}`);
}

/** Adds the runs of one file. Throws what `isInputError` knows, naming the file. */
export async function importFile(history: History, source: Source, terminal: Terminal): Promise<Imported> {
  const { path, format } = source;
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, path, 'check the path');
  });
  const progress = new Progress(terminal, path);
  let bytes = 0;
  try {
    const loaded = await loadFrom(history, source, (more) => {
      bytes += more;
      progress.tell(Math.min(1, bytes / (size * PASSES[format])));
    });
    return { file: path, format, ...checked(path, loaded) };
  } catch (error) {
    throw error instanceof HistoryError ? new HistoryError(`${path}: ${error.message}`) : error;
  } finally {
    progress.end();
  }
}
