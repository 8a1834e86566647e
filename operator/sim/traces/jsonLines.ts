/** Our own format: one WorkloadJob a line, as JSON. What is written here reads back equal. */
import { z } from 'zod';
import type { WorkloadJob } from '../workload.ts';
import { Collector } from './collector.ts';
import { quote, TraceError } from './error.ts';
import type { TraceOptions, TraceParser } from './parser.ts';
import { TOO_LATE, TOO_WIDE } from './values.ts';

const time = z.number().min(0).lt(TOO_LATE);
const name = z.string().min(1).max(1024);

const part = z.strictObject({
  ranks: z.int().min(1).lt(TOO_WIDE),
  accelerators: z.int().min(0).lt(TOO_WIDE),
});

const job = z.strictObject({
  id: name,
  submit: time,
  run: time,
  parts: z.array(part).min(1).max(64),
  limit: time.gt(0).optional(),
  prediction: z.number().optional(),
  user: name.optional(),
  group: name.optional(),
  program: name.optional(),
  queue: name.optional(),
  priority: z.number().optional(),
  deadline: z.number().optional(),
  powerClass: name.optional(),
  after: z.array(name).min(1).max(1024).optional(),
});

function refusal(issue: z.core.$ZodIssue, line: number): TraceError {
  if (issue.code === 'unrecognized_keys') {
    const problem = `no such field; there are ${Object.keys(job.shape).join(', ')}`;
    return new TraceError(problem, { line, field: issue.keys.map(quote).join(', ') });
  }
  return new TraceError(`${issue.message}; correct or remove the record`, { line, field: issue.path.join('.') });
}

function parseJob(text: string, line: number): WorkloadJob {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TraceError(`${quote(text)} is not JSON; write one job a line`, { line });
  }
  const parsed = job.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw refusal(issue, line);
  // JSON has no undefined, so that an optional field is present only with a value.
  return parsed.data as WorkloadJob;
}

/** A parser of our JSON lines. */
export function jsonLinesParser(options: TraceOptions = {}): TraceParser {
  const collector = new Collector();
  return {
    push(text, line) {
      if (text.trim() === '') return;
      collector.record(line);
      collector.add(parseJob(text, line), line, 'id');
    },
    finish: () => collector.finish('jsonl', options),
  };
}

/** Characters that are handed on at once: one write a line would be a million writes. */
const BLOCK = 65_536;

/** The text of a file of jobs, in blocks of whole lines: a million jobs need not be one string. */
export function* toJsonLines(jobs: Iterable<WorkloadJob>): Generator<string, void, undefined> {
  let block = '';
  for (const job of jobs) {
    block += `${JSON.stringify(job)}\n`;
    if (block.length < BLOCK) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}
