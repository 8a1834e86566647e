/** A run read back from its folder, for comparing. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import type { JobResult } from '../results.ts';
import { ReportError } from './error.ts';
import { readLines } from './lines.ts';
import { FORMAT, jobSchema, type Summary, summarySchema } from './schema.ts';
import { FILES } from './write.ts';

export type ReadRun = {
  /** Name of the folder. */
  readonly name: string;
  readonly summary: Summary;
  /** In order of submission. */
  readonly jobs: readonly JobResult[];
};

const REMEDY = 'write the run again with simulate --out';

/** Throws ReportError with one line that names file, line and field when the folder does not hold a sound run. */
export async function readRun(folder: string): Promise<ReadRun> {
  const summary = await readSummary(join(folder, FILES.summary));
  const jobs = await readJobs(join(folder, FILES.jobs));
  if (jobs.length !== summary.jobs) {
    throw new ReportError(
      `${folder}: ${FILES.jobs} holds ${jobs.length} jobs, ${FILES.summary} speaks of ${summary.jobs}; ${REMEDY}`,
    );
  }
  return { name: basename(resolve(folder)), summary, jobs };
}

async function readSummary(path: string): Promise<Summary> {
  const value = parsed(path, await attempt(path, async () => await readFile(path, 'utf8')));
  const written = (value as { format?: unknown } | null)?.format;
  if (written !== FORMAT) {
    throw new ReportError(`${path}: format is ${JSON.stringify(written)}, this version reads ${FORMAT}; ${REMEDY}`);
  }
  return checked(summarySchema, value, path);
}

async function readJobs(path: string): Promise<JobResult[]> {
  return await attempt(path, async () => {
    const jobs: JobResult[] = [];
    for await (const { number, text } of readLines(path)) {
      const where = `${path} line ${number}`;
      jobs.push(checked(jobSchema, parsed(where, text), where));
    }
    return jobs;
  });
}

/** Failures of the file system in one line; others pass. */
async function attempt<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const what = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ReportError(`${path}: ${what}; ${REMEDY}`);
  }
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ReportError(`${where}: not JSON, perhaps cut off; ${REMEDY}`);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the whole';
  throw new ReportError(`${where}: ${field}: ${issue?.message ?? 'not valid'}; ${REMEDY}`);
}
