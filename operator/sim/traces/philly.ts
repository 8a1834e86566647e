/** Microsoft Philly GPU jobs with a predicted run time, as cut for scheduler comparisons (Helios, Lucid). */
import type { WorkloadJob } from '../workload.ts';
import { Collector } from './collector.ts';
import { type CsvRow, csvReader } from './csv.ts';
import type { TraceOptions, TraceParser } from './parser.ts';
import { dateTime, decimal, seconds, width } from './values.ts';

export const PHILLY_COLUMNS = ['jobname', 'submit_time', 'gpu_num', 'duration'] as const;

/** One job, `submit` still in seconds since the epoch; undefined: it asks for no accelerator. */
function jobOf(row: CsvRow): WorkloadJob | undefined {
  const ranks = width(row.text('gpu_num'), row.cell('gpu_num'));
  const prediction = row.text('noisy_pred_duration');
  const job = {
    id: row.name('jobname'),
    submit: dateTime(row.text('submit_time'), row.cell('submit_time')),
    run: seconds(row.text('duration'), row.cell('duration')),
    parts: [{ ranks, accelerators: 1 }],
    ...(prediction !== '' && { prediction: decimal(prediction, row.cell('noisy_pred_duration')) }),
  };
  return ranks === 0 ? undefined : job;
}

/** A parser of Philly CSV lines: one accelerator a rank, time 0 at the first submit, the trace's prediction as it is. */
export function phillyParser(options: TraceOptions = {}): TraceParser {
  const collector = new Collector();
  const read = csvReader(PHILLY_COLUMNS);
  const jobs: { job: WorkloadJob; line: number }[] = [];
  return {
    push(text, line) {
      const row = read(text, line);
      if (!row) return;
      collector.record(line);
      const job = jobOf(row);
      if (job) jobs.push({ job, line });
      else collector.dropped.add('asks for no accelerator');
    },
    finish() {
      const epoch = jobs.reduce((first, { job }) => Math.min(first, job.submit), Number.POSITIVE_INFINITY);
      for (const { job, line } of jobs) collector.add({ ...job, submit: job.submit - epoch }, line, 'jobname');
      return collector.finish('philly', options, { epoch });
    },
  };
}
