/** An SWF trace as runs, read twice: whether walltimes were enforced shows only when all of it is known. */
import { basename } from 'node:path';
import { linesOf } from '../../../predictors/history/jsonLines/lines.ts';
import type { Read } from '../../../predictors/history/load.ts';
import { fromSwf, obeysLimits, type SwfOptions } from '../../../predictors/history/warmstart/swf.ts';
import { TraceError } from '../../sim/traces/error.ts';
import { readBytes } from '../../sim/traces/read.ts';
import { parseSwfRecord, type SwfRecord } from '../../sim/traces/swf.ts';

type Parsed = { readonly line: number } & (
  | { readonly record: SwfRecord }
  | { readonly problem: string; readonly kind: string }
);

function parsed(text: string, line: number): Parsed {
  try {
    return { line, record: parseSwfRecord(text, line) };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    const { problem, place } = error;
    const [kind] = (place.field ?? 'columns').split(' (');
    return { line, problem: [place.field, problem].filter(Boolean).join(': '), kind: kind ?? 'columns' };
  }
}

/** Records, and lines of the header as they are. */
async function* lines(path: string, onRead: (bytes: number) => void): AsyncGenerator<Parsed | string, void, undefined> {
  for await (const { text, number } of linesOf(readBytes(path, onRead))) {
    if (text.startsWith(';')) yield text;
    else if (text.trim() !== '') yield parsed(text, number);
  }
}

async function optionsOf(path: string, onRead: (bytes: number) => void): Promise<SwfOptions> {
  const limited: Pick<SwfRecord, 'run' | 'limit'>[] = [];
  let epoch = 0;
  for await (const line of lines(path, onRead)) {
    if (typeof line === 'string') epoch = Number(/^;\s*UnixStartTime:\s*(\d+)/.exec(line)?.[1] ?? epoch);
    else if ('record' in line && line.record.limit !== undefined) limited.push(line.record);
  }
  const trace = basename(path).replace(/(\.(swf|txt))?(\.gz)?$/i, '');
  return { trace, epoch, limitEnforced: obeysLimits(limited) };
}

/** The runs of a trace, plain or gzipped; every byte is read twice. Lines that give none are told with their number. */
export async function* readSwf(path: string, onRead: (bytes: number) => void): AsyncGenerator<Read, void, undefined> {
  const options = await optionsOf(path, onRead);
  for await (const line of lines(path, onRead)) {
    if (typeof line === 'string') continue;
    if ('problem' in line) yield line;
    else {
      const run = fromSwf(line.record, options);
      yield typeof run === 'string' ? { line: line.line, problem: run } : { line: line.line, run };
    }
  }
}
