/**
 * A dump of Slurm's accounting as a history to begin with: `sacct --allusers --parsable2 --format=…` with its header.
 * Columns are found by their names, in any order.
 */
import { type History, HistoryError } from '../history.ts';
import { linesOf } from '../jsonLines/lines.ts';
import { type Loaded, load, type Read } from '../load.ts';
import { type Cells, fromSacct, type SacctOptions } from './sacctJob.ts';

const NEEDED = ['Submit', 'Start', 'End', 'State'];

type Header = { readonly columns: readonly string[]; readonly delimiter: string };

/** The first line: names of columns, by which the delimiter is told. Throws a HistoryError where one is missing. */
function headerOf(line: string): Header {
  const [, delimiter = '|'] = /^\w+(\W)/.exec(line) ?? [];
  const columns = line.split(delimiter).map((name) => name.trim());
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (!columns.includes('JobIDRaw') && !columns.includes('JobID')) missing.unshift('JobIDRaw');
  if (missing.length === 0) return { columns, delimiter };
  throw new HistoryError(
    `the first line names no column ${missing.join(', ')}; give the output of sacct --parsable2 with its header`,
  );
}

/** The cells of a line; undefined where it has too few. What is one too many belongs to the last: free text may hold a delimiter. */
function cellsOf(line: string, { columns, delimiter }: Header): Cells | undefined {
  const parts = line.split(delimiter);
  if (parts.length < columns.length) return undefined;
  const last = columns.length - 1;
  const cells = [...parts.slice(0, last), parts.slice(last).join(delimiter)];
  return new Map(columns.map((name, i) => [name, cells[i] ?? '']));
}

const idOf = (cells: Cells): string => cells.get('JobIDRaw') ?? cells.get('JobID') ?? '';

/** Runs of the dump. A job's line stands before those of its steps, so one job at a time is in memory. */
async function* readJobs(
  chunks: AsyncIterable<Uint8Array | string>,
  options: SacctOptions,
): AsyncGenerator<Read, void, undefined> {
  let header: Header | undefined;
  let job: { line: number; cells: Cells; steps: Cells[] } | undefined;
  const finish = (): Read[] => {
    if (job === undefined) return [];
    const { line, cells, steps } = job;
    job = undefined;
    const run = fromSacct(cells, steps, options);
    return [typeof run === 'string' ? { line, problem: run } : { line, run }];
  };
  for await (const { number, text, cut } of linesOf(chunks)) {
    if (text.trim() === '') continue;
    if (header === undefined) {
      header = headerOf(text);
      continue;
    }
    const cells = cut ? undefined : cellsOf(text, header);
    const [id = '', step] = cells === undefined ? [] : idOf(cells).split('.', 2);
    if (cells === undefined) {
      yield { line: number, problem: 'fewer columns than the header' };
    } else if (step === undefined) {
      yield* finish();
      job = { line: number, cells, steps: [] };
    } else if (job !== undefined && idOf(job.cells) === id) {
      job.steps.push(cells);
    } else {
      yield { line: number, problem: 'a step without its job' };
    }
  }
  if (header === undefined) throw new HistoryError('the dump is empty; give the output of sacct --parsable2');
  yield* finish();
}

/** Adds the jobs of a dump that have ended. Lines that give no run are counted and named. */
export async function importSacct(
  history: History,
  chunks: AsyncIterable<Uint8Array | string>,
  options: SacctOptions,
): Promise<Loaded> {
  return await load(history, readJobs(chunks, options));
}
