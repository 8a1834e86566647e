/** Which format a text is, told by its first line that is not blank: names of files say nothing. */
import { CHRONUS_COLUMNS, chronusParser } from './chronus.ts';
import { quote, TraceError } from './error.ts';
import { jsonLinesParser } from './jsonLines.ts';
import type { TraceOptions, TraceParser } from './parser.ts';
import { PHILLY_COLUMNS, phillyParser } from './philly.ts';
import { swfParser } from './swf.ts';

const KNOWN = 'give an SWF trace, a Philly or Chronus CSV with its header, or our own JSON lines, plain or gzipped';

/** Both CSV formats have a column of this name; the rest of theirs differ. */
const SHARED = new Set(['submit_time', 'duration', 'user']);

const shares = (names: ReadonlySet<string>, columns: readonly string[]) =>
  columns.filter((column) => names.has(column) && !SHARED.has(column)).length;

/** A header is taken for the format that it shares most names with: that parser then says what is missing. */
function csvParser(text: string, options: TraceOptions): TraceParser | undefined {
  const names = new Set(text.split(',').map((name) => name.trim().replaceAll('"', '')));
  const philly = shares(names, PHILLY_COLUMNS);
  const chronus = shares(names, CHRONUS_COLUMNS);
  if (philly === 0 && chronus === 0) return undefined;
  return philly >= chronus ? phillyParser(options) : chronusParser(options);
}

/** The parser for a trace whose first line is `text`. Throws a TraceError where none fits. */
export function detectParser(text: string, line: number, options: TraceOptions): TraceParser {
  const start = text.trim();
  // SWF without a header: blank-separated columns from a number on.
  const isColumns = /^[-+]?\d\S*\s+\S/.test(start) && !start.includes(',');
  if (start.startsWith(';') || isColumns) return swfParser(options);
  if (start.startsWith('{')) return jsonLinesParser(options);
  const parser = start.includes(',') ? csvParser(start, options) : undefined;
  if (parser) return parser;
  if (start.startsWith('[')) throw new TraceError('is a JSON array; write one job a line', { line });
  throw new TraceError(`is no trace that is known: it begins with ${quote(start)}; ${KNOWN}`, { line });
}
