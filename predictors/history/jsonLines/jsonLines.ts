/** Export and import of a history: a header line, then a run on each line, in order of end. */
import { type History, HistoryError } from '../history.ts';
import { type Loaded, load, type Read } from '../load.ts';
import { linesOf } from './lines.ts';

/** Raised when a reader of an older version would misunderstand a line. */
const VERSION = 1;

/** The history as lines with their breaks, batch by batch; runs that are recorded meanwhile may be among them. */
export async function* exportLines(history: History): AsyncGenerator<string, void, undefined> {
  yield `${JSON.stringify({ format: 'coxswain-history', version: VERSION })}\n`;
  for await (const { runs } of history.read()) yield runs.map((run) => `${JSON.stringify(run)}\n`).join('');
}

/**
 * Adds what `exportLines` wrote, as bytes or text. Lines that are no run, or cannot be true, are counted and named.
 * Rejects with a HistoryError where the first line is not our header or is of a newer version.
 */
export async function importLines(history: History, chunks: AsyncIterable<Uint8Array | string>): Promise<Loaded> {
  return await load(history, readLines(chunks));
}

async function* readLines(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Read, void, undefined> {
  let isFirst = true;
  for await (const { number, text, cut } of linesOf(chunks)) {
    if (text.trim() === '') continue;
    if (isFirst) checkHeader(text);
    else if (cut) yield { line: number, problem: 'is too long to be a run', kind: 'too long' };
    else yield { line: number, ...parsed(text) };
    isFirst = false;
  }
  if (isFirst) throw new HistoryError('the file is empty; give one that an export wrote');
}

/** The door of the history looks at what the JSON holds. */
function parsed(text: string): { run: never } | { problem: string; kind: string } {
  try {
    return { run: JSON.parse(text) as never };
  } catch {
    return { problem: 'is not JSON', kind: 'not JSON' };
  }
}

function checkHeader(text: string): void {
  const { format, version } = (header(text) ?? {}) as { format?: unknown; version?: unknown };
  if (format !== 'coxswain-history' || !Number.isInteger(version)) {
    throw new HistoryError('the first line is not the header of an export; give a file that an export wrote, whole');
  }
  if (Number(version) > VERSION) {
    throw new HistoryError(
      `the export is of version ${Number(version)}, this program knows ${VERSION}; use the newer program`,
    );
  }
}

function header(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says what is expected
  }
}
