/** Which kind of file runs are to be read from. */
import { linesOf } from '../../../predictors/history/jsonLines/lines.ts';
import { readBytes } from '../../sim/traces/read.ts';
import { UsageError } from '../errors.ts';

const FORMATS = ['jsonl', 'swf', 'sacct'] as const;
export type Format = (typeof FORMATS)[number];

/** `--from`. Throws UsageError. */
export function readFormat(text: string | undefined): Format | undefined {
  const known = FORMATS.find((format) => format === text);
  if (known !== undefined || text === undefined) return known;
  throw new UsageError(`--from: there is no ${JSON.stringify(text)}; there are ${FORMATS.join(', ')}`);
}

const SWF_RECORD = /^\s*(?:-?[\d.]+\s+){10}/;

function formatOfLine(line: string): Format | undefined {
  if (line.startsWith('{')) return 'jsonl';
  if (line.startsWith(';') || SWF_RECORD.test(line)) return 'swf';
  return /\bJobID(Raw)?\b/.test(line) || (/\bSubmit\b/.test(line) && /\bState\b/.test(line)) ? 'sacct' : undefined;
}

/** Told by the first line that is not empty, else by the name. Throws UsageError and TraceError of one line. */
export async function formatOf(path: string): Promise<Format> {
  for await (const { text } of linesOf(readBytes(path))) {
    if (text.trim() === '') continue;
    const [, ending] = /\.(jsonl|swf)(?:\.gz)?$/i.exec(path) ?? [];
    const format = formatOfLine(text) ?? FORMATS.find((one) => one === ending?.toLowerCase());
    if (format !== undefined) return format;
    throw new UsageError(
      `${path}: does not begin like an export, an SWF trace or a dump of sacct; if it is one, history import --from says which`,
    );
  }
  throw new UsageError(`${path}: is empty; give an export of a history, an SWF trace or a dump of sacct`);
}
