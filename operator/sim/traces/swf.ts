/**
 * The Standard Workload Format, version 2.2 (Feitelson, Parallel Workloads Archive): `;` header lines, then 18
 * blank-separated columns of which −1 means unknown.
 */
import type { Workload, WorkloadJob } from '../workload.ts';
import { Collector } from './collector.ts';
import { TraceError } from './error.ts';
import { parseText, type TraceOptions, type TraceParser } from './parser.ts';
import { decimal, seconds, width } from './values.ts';

const COLUMNS = 18;

/** What a trace's column, counted from 0, is called in messages. */
const NAMES = {
  0: 'job number (column 1)',
  1: 'submit time (column 2)',
  3: 'run time (column 4)',
  4: 'processors allocated (column 5)',
  7: 'processors requested (column 8)',
  8: 'time requested (column 9)',
  10: 'status (column 11)',
  11: 'user (column 12)',
  12: 'group (column 13)',
  13: 'executable (column 14)',
  14: 'queue (column 15)',
} as const;

type Column = keyof typeof NAMES;

/** One record as the file says it; undefined: −1, unknown. */
export type SwfRecord = {
  readonly id: string;
  readonly submit: number | undefined;
  /** Seconds from submission to start. Nothing is planned by it, so that any other text is as good as unknown. */
  readonly wait: number | undefined;
  readonly run: number | undefined;
  readonly allocated: number | undefined;
  readonly requested: number | undefined;
  readonly limit: number | undefined;
  readonly status: number;
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly executable: string | undefined;
  readonly queue: string | undefined;
  readonly preceding: string | undefined;
};

/** Columns 16 to 18 hold other things in some traces: only what looks like a job number is one. */
const JOB_NUMBER = /^[1-9]\d*$/;

/** Reads one line of columns; tokens after the 18th are ignored. Throws a TraceError that names the column. */
export function parseSwfRecord(text: string, line: number): SwfRecord {
  const tokens = text.trim().split(/\s+/, COLUMNS);
  if (tokens.length < COLUMNS) {
    const problem = `${tokens.length} columns where SWF has ${COLUMNS}; write -1 for what is unknown`;
    throw new TraceError(problem, { line });
  }
  const token = (column: Column) => tokens[column] as string;
  const cell = (column: Column) => ({ line, field: NAMES[column] });
  const isUnknown = (column: Column) => Number(token(column)) === -1;
  const time = (column: Column) => (isUnknown(column) ? undefined : seconds(token(column), cell(column)));
  const processors = (column: Column) => (isUnknown(column) ? undefined : width(token(column), cell(column)));
  const name = (column: Column) => {
    const value = decimal(token(column), cell(column));
    return value > 0 ? String(value) : undefined;
  };
  const number = decimal(token(0), cell(0));
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new TraceError(`${token(0)} is not a whole number from 0 to 2^53; number the jobs`, cell(0));
  }
  const preceding = tokens[16] as string;
  return {
    id: String(number),
    submit: time(1),
    wait: Number(tokens[2]) >= 0 ? Number(tokens[2]) : undefined,
    run: time(3),
    allocated: processors(4),
    requested: processors(7),
    limit: time(8) || undefined,
    status: decimal(token(10), cell(10)),
    user: name(11),
    group: name(12),
    executable: name(13),
    queue: name(14),
    preceding: JOB_NUMBER.test(preceding) ? preceding : undefined,
  };
}

/** Status 2, 3 and 4: a piece of a job that was swapped or checkpointed; another line gives the job as a whole. */
const isPiece = ({ status }: SwfRecord) => status >= 2 && status <= 4;

/** The job of a record, or why it is none. Processors are the larger of allocated and requested. */
function jobOf(record: SwfRecord): WorkloadJob | string {
  const { id, submit, run, allocated, requested, limit, user, group, executable, queue, preceding } = record;
  if (isPiece(record)) return 'a piece of a job (status 2 to 4) that another line gives whole';
  if (submit === undefined) return 'submit time unknown';
  if (run === undefined) return 'run time unknown';
  const ranks = Math.max(allocated ?? 0, requested ?? 0);
  if (ranks === 0) return 'processors unknown or zero';
  return {
    id,
    submit,
    run,
    parts: [{ ranks, accelerators: 0 }],
    ...(limit !== undefined && { limit }),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
    ...(executable !== undefined && { program: executable }),
    ...(queue !== undefined && { queue }),
    ...(preceding !== undefined && { after: [preceding] }),
  };
}

const HEADER = /^;\s*(MaxProcs|MaxNodes|UnixStartTime):\s*(\d+)/;

/** A parser of SWF lines. Times stay the trace's own seconds; `requireLimit` is explained at TraceOptions. */
export function swfParser(options: TraceOptions = {}): TraceParser {
  const collector = new Collector();
  const header = new Map<string, number>();
  let unequal = 0;
  return {
    push(text, line) {
      if (text.startsWith(';')) {
        const [, key, value] = HEADER.exec(text) ?? [];
        if (key === undefined || value === undefined) return;
        const cell = { line, field: key };
        header.set(key, key === 'UnixStartTime' ? seconds(value, cell) : width(value, cell));
        return;
      }
      if (text.trim() === '') return;
      collector.record(line);
      const record = parseSwfRecord(text, line);
      const job = jobOf(record);
      if (typeof job === 'string') {
        collector.dropped.add(job);
        return;
      }
      const { allocated, requested } = record;
      const isKept = collector.add(job, line, NAMES[0]);
      if (isKept && allocated && requested && allocated !== requested) unequal++;
    },
    finish() {
      collector.adjusted.add('allocated and requested processors differ: the larger taken', unequal);
      const requireLimit = options.requireLimit ?? collector.limitedShare() > 0.5;
      const processors = header.get('MaxProcs') || header.get('MaxNodes');
      const epoch = header.get('UnixStartTime');
      return collector.finish(
        'swf',
        { ...options, requireLimit },
        { ...(processors && { processors }), ...(epoch !== undefined && { epoch }) },
      );
    },
  };
}

/** A whole SWF text: see swfParser. */
export function parseSwf(text: string, options: TraceOptions = {}): Workload {
  return parseText(swfParser(options), text);
}
