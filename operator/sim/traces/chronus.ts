/** Philly jobs with deadlines and model names, as Chronus (Gao et al., SoCC 2021) replays them; its times are minutes. */
import type { WorkloadJob } from '../workload.ts';
import { Collector } from './collector.ts';
import { type CsvRow, csvReader } from './csv.ts';
import { quote, TraceError } from './error.ts';
import type { TraceOptions, TraceParser } from './parser.ts';
import { seconds, width } from './values.ts';

export const CHRONUS_COLUMNS = [
  'job_id',
  'user',
  'num_gpu',
  'submit_time',
  'model_name',
  'duration',
  'expect_time_list',
  'job_type',
] as const;

const MINUTE = 60;

/** Seconds after submission by which the job is due: the first of `-`-separated minutes; best-effort jobs have none. */
function dueOf(row: CsvRow): number | undefined {
  const type = row.text('job_type');
  if (type === 'best') return undefined;
  if (type !== 'strict' && type !== 'soft') {
    throw new TraceError(`${quote(type)} is no type of job; write strict, soft or best`, row.cell('job_type'));
  }
  const [first = ''] = row.text('expect_time_list').split('-');
  return seconds(first, row.cell('expect_time_list'), MINUTE);
}

/** One job; undefined: it asks for no accelerator, and Chronus leaves it out too. */
function jobOf(row: CsvRow): WorkloadJob | undefined {
  const ranks = width(row.text('num_gpu'), row.cell('num_gpu'));
  const submit = seconds(row.text('submit_time'), row.cell('submit_time'), MINUTE);
  const due = dueOf(row);
  const job = {
    id: row.name('job_id'),
    submit,
    run: seconds(row.text('duration'), row.cell('duration'), MINUTE),
    parts: [{ ranks, accelerators: 1 }],
    // The column called `user` names a virtual cluster.
    queue: row.name('user'),
    program: row.name('model_name'),
    ...(due !== undefined && { deadline: submit + due }),
  };
  return ranks === 0 ? undefined : job;
}

/** A parser of Chronus lines: minutes become seconds, deadlines count from submission as in Chronus's own simulator. */
export function chronusParser(options: TraceOptions = {}): TraceParser {
  const collector = new Collector();
  const read = csvReader(CHRONUS_COLUMNS);
  return {
    push(text, line) {
      const row = read(text, line);
      if (!row) return;
      collector.record(line);
      const job = jobOf(row);
      if (job) collector.add(job, line, 'job_id');
      else collector.dropped.add('asks for no accelerator');
    },
    finish: () => collector.finish('chronus', options),
  };
}
