/** `history export`: the runs of a history as JSON lines. */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { History } from '../../../predictors/history/history.ts';
import { exportLines } from '../../../predictors/history/jsonLines/jsonLines.ts';
import { plural } from '../../sim/report/text.ts';
import { command } from '../command.ts';
import { EXIT, fileError, UsageError } from '../errors.ts';
import type { OptionSpecs } from '../options.ts';
import { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { AT, withHistory } from './at.ts';

const OPTIONS = {
  ...AT,
  out: { value: 'FILE', help: 'Write there, gzipped where the name ends with .gz. Default: standard output.' },
  json: { help: 'With --out: print one JSON object: {name, figures, notes, out}.' },
} as const satisfies OptionSpecs;

/** The file gets its name once it is whole. Commands are nobody else's business, so only its owner may read it. */
async function write(lines: AsyncIterable<string>, out: string): Promise<void> {
  const part = `${out}.part`;
  const file = createWriteStream(part, { mode: 0o600 });
  try {
    const source = Readable.from(lines);
    await (out.endsWith('.gz') ? pipeline(source, createGzip(), file) : pipeline(source, file));
    await rename(part, out);
  } catch (error) {
    // Only the file's own failures: those of the history say for themselves what helps.
    throw 'syscall' in (error as object) ? fileError(error, out, 'name a file that can be written with --out') : error;
  }
}

const countLines = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
};

/** Writes all runs; answers how many. */
async function exportRuns(history: History, out: string | undefined, terminal: Terminal): Promise<number> {
  const { rows } = await history.counts();
  const progress = new Progress(terminal, out ?? 'export');
  // The header is no run.
  let written = -1;
  async function* counted(): AsyncGenerator<string, void, undefined> {
    for await (const text of exportLines(history)) {
      written += countLines(text);
      progress.tell(rows === 0 ? 1 : Math.min(1, written / rows));
      yield text;
    }
  }
  try {
    if (out !== undefined) await write(counted(), out);
    else {
      for await (const text of counted()) {
        terminal.out(text);
        await terminal.drained();
      }
    }
  } finally {
    progress.end();
  }
  return written;
}

export const exportCommand = command({
  name: 'export',
  describe: 'Write all runs as JSON lines, in order of end.',
  usage: ['history export --at FILE|URL [--out FILE]'],
  options: OPTIONS,
  more: ['Exit code: 0; 2 when options or input cannot be used.'],
  async run({ at, out, json }, terminal) {
    if (json && out === undefined) throw new UsageError('--json needs --out FILE: the runs themselves are JSON lines');
    const runs = await withHistory(at, terminal, async (history) => await exportRuns(history, out, terminal));
    if (json) {
      terminal.out(`${JSON.stringify({ name: 'history export', figures: { runs }, notes: [], out })}\n`);
    } else terminal.err(`${plural(runs, 'run')} exported${out === undefined ? '' : ` to ${out}`}\n`);
    return EXIT.ok;
  },
});
