/** SWF as RLScheduler's code reads it, which is not how the product does: runs are not cut to the limit. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseSwfRecord, type SwfRecord } from '../../operator/sim/traces/swf.ts';
import type { ReferenceJob } from './reference/job.ts';

const UNKNOWN = -1;
/** Run time that stands for an unknown one. */
const UNKNOWN_RUN = 10;

function jobOf({ id, submit, run = UNKNOWN_RUN, allocated, requested, limit }: SwfRecord) {
  // A job of unknown width keeps its place and its width of -1, as in their code.
  const width = Math.max(allocated ?? UNKNOWN, requested ?? UNKNOWN);
  return { id, submit: submit ?? 0, run, width, limit: limit ?? run, estimate: limit ?? run };
}

/**
 * The jobs of a gzipped SWF file by job number, without those of zero length. `limit`, the user's request or the run time
 * where there is none, is what backfill plans by; `estimate` is what scores see.
 */
export function windowJobs(path: string): readonly ReferenceJob[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return lines
    .flatMap((text, index) => (text.trim() === '' || text.startsWith(';') ? [] : [parseSwfRecord(text, index + 1)]))
    .filter(({ run }) => run !== 0)
    .sort((a, b) => Number(a.id) - Number(b.id))
    .map((record, index) => ({ ...jobOf(record), index }));
}
