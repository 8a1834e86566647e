/** The folder that a run leaves behind. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult, RunResult } from '../results.ts';
import { writeLines } from './lines.ts';
import { boundedSlowdown, wait } from './metrics.ts';
import { reportPage } from './page/page.ts';
import type { Summary } from './schema.ts';

export const FILES = {
  jobs: 'jobs.jsonl',
  never: 'never.jsonl',
  series: 'series.jsonl',
  summary: 'summary.json',
  page: 'report.html',
  timing: 'timing.json',
} as const;

/**
 * Writes jobs.jsonl, never.jsonl, series.jsonl, summary.json and report.html, the same bytes for the same result, and
 * timing.json, which alone holds wall time. Makes the folder; files of an earlier run are replaced.
 */
export async function writeRun(folder: string, result: RunResult, summary: Summary): Promise<void> {
  await mkdir(folder, { recursive: true });
  const at = (file: keyof typeof FILES) => join(folder, FILES[file]);
  await writeLines(at('jobs'), result.jobs.values().map(jobRow));
  await writeLines(at('never'), result.never);
  await writeLines(at('series'), result.series);
  await writeFile(at('summary'), `${JSON.stringify(summary, finite, 2)}\n`);
  await writeFile(at('page'), reportPage(result, summary));
  await writeFile(at('timing'), `${JSON.stringify({ planMillis: result.planMillis }, null, 2)}\n`);
}

/** Wait and slowdown follow from the rest; they are there for whoever looks at the file with a tool of their own. */
function jobRow(job: JobResult): object {
  return { ...job, orderKey: finite('', job.orderKey), wait: wait(job), bsld: boundedSlowdown(job) };
}

/** Settings such as "as many reservations as there are gangs", and scores of jobs at the very first second. */
function finite(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
