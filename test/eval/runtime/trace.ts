/** An SWF trace as runs for a predictor: ends as recorded (submit + wait + run), cut to the limit where it is enforced. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseSwfRecord } from '../../../operator/sim/traces/swf.ts';
import type { Asked } from '../../../predictors/run.ts';

/** One job of a trace: what was asked, when it started and ended as recorded, and how long it ran, seconds. */
export type TracedRun = {
  readonly asked: Asked;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly run: number;
  /** The walltime, or 0: none. */
  readonly limit: number;
  readonly failed: boolean;
};

export type Trace = { readonly runs: readonly TracedRun[]; readonly enforced: boolean; readonly obeying: number };

/** From this share of obedient runs on, a limit is taken to be enforced and the rest to be late reaping. */
const OBEYED = 0.9;

type Row = { readonly record: ReturnType<typeof parseSwfRecord>; readonly wait: number };

/** Status 1: completed. 0 and 5 failed or were cancelled; −1 says nothing. */
const hasFailed = (status: number) => status === 0 || status === 5;

const isPiece = (status: number) => status >= 2 && status <= 4;

function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith(';') || line.trim() === '') continue;
    const record = parseSwfRecord(line, index + 1);
    const wait = Number(line.trim().split(/\s+/, 3)[2]);
    if (isPiece(record.status) || record.submit === undefined || !record.run) continue;
    if (Math.max(record.allocated ?? 0, record.requested ?? 0) === 0) continue;
    rows.push({ record, wait: wait > 0 ? wait : 0 });
  }
  return rows;
}

/** Rows with a limit, where most have one; else all. */
function comparable(rows: readonly Row[]): readonly Row[] {
  const limited = rows.filter(({ record }) => record.limit !== undefined);
  return limited.length * 2 > rows.length ? limited : rows;
}

function askedOf({ record }: Row, epoch: number, limitEnforced: boolean): Asked {
  const { id, submit = 0, limit, user, executable, queue } = record;
  const ranks = Math.max(record.allocated ?? 0, record.requested ?? 0);
  return {
    uid: id,
    kind: 'SWF',
    ...(user !== undefined && { user }),
    queue: queue ?? '',
    submittedAt: epoch + submit,
    ...(limit !== undefined && { limit }),
    limitEnforced,
    ...(executable !== undefined && { image: executable }),
    command: [],
    nodes: ranks,
    ranks,
    gpus: 0,
    cpus: ranks,
    memory: 0,
    declared: {},
  };
}

/** Reads a trace, plain or gzipped. `enforced`: whether runs are cut to their limits; absent: where nine in ten obey it. */
export async function readRuns(path: string, enforced?: boolean): Promise<Trace> {
  const bytes = await readFile(path);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const rows = comparable(rowsOf(text));
  if (rows.length === 0) throw new Error(`${path} holds no run with a length; name an SWF trace`);
  const obeying = rows.filter(({ record }) => (record.run ?? 0) <= (record.limit ?? Number.POSITIVE_INFINITY)).length;
  const share = obeying / rows.length;
  const isEnforced = enforced ?? share >= OBEYED;
  const epoch = Number(/^;\s*UnixStartTime:\s*(\d+)/m.exec(text)?.[1] ?? 0);
  const runs = rows.map((row): TracedRun => {
    const { run = 0, limit = 0 } = row.record;
    const asked = askedOf(row, epoch, isEnforced && limit > 0);
    const cut = isEnforced && limit > 0 ? Math.min(run, limit) : run;
    const startedAt = asked.submittedAt + row.wait;
    return { asked, startedAt, endedAt: startedAt + cut, run: cut, limit, failed: hasFailed(row.record.status) };
  });
  return { runs: runs.sort((a, b) => a.asked.submittedAt - b.asked.submittedAt), enforced: isEnforced, obeying: share };
}
