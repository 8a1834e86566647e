/** Runs from a file into a history: a batch at a time, and what is wrong is counted and never fatal. */
import type { Run } from '../run.ts';
import type { History } from './history.ts';
import { type Problem, Problems } from './problems.ts';

/** Runs recorded together. */
const BATCH = 500;

/** What a reader makes of a line: a run, or why it is none. */
export type Read = { readonly line: number } & (
  | { readonly run: Run }
  | { readonly problem: string; readonly kind?: string }
);

export type Loaded = {
  readonly stored: number;
  /** Runs that were there already. */
  readonly known: number;
  /** Runs that wait in memory for the database; see Recorded. */
  readonly buffered: number;
  /** Lines that gave no run, with how many of each kind; the first of them are named. */
  readonly bad: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
};

/** Records all runs that a reader finds. Rejects only when the history or the source of the lines does. */
export async function load(history: History, reads: AsyncIterable<Read> | Iterable<Read>): Promise<Loaded> {
  const problems = new Problems();
  const sum = { stored: 0, known: 0, buffered: 0 };
  let waiting: { line: number; run: Run }[] = [];
  const flush = async (): Promise<void> => {
    const given = waiting;
    waiting = [];
    const { stored, known, buffered, refused } = await history.record(given.map(({ run }) => run));
    sum.stored += stored;
    sum.known += known;
    sum.buffered += buffered;
    for (const { index, reason } of refused) problems.add(given[index]?.line ?? 0, reason, kindOf(reason));
  };
  for await (const read of reads) {
    if ('problem' in read) problems.add(read.line, read.problem, read.kind);
    else waiting.push(read);
    if (waiting.length >= BATCH) await flush();
  }
  if (waiting.length > 0) await flush();
  return { ...sum, bad: problems.total, counts: problems.counts, problems: problems.named };
}

/** The first field that a reason names: reasons hold figures, fields are few. */
function kindOf(reason: string): string {
  return reason.split(/[:.]/, 1)[0] ?? reason;
}
