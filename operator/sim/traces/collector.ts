/** What all formats share once a record is read: counting, identity, order, limits and dependencies. */
import type { Dropped, Workload, WorkloadJob } from '../workload.ts';
import { quote, TraceError } from './error.ts';
import type { TraceOptions } from './parser.ts';

/** More would not fit in memory as jobs, nor be replayed in a working day. */
const MAX_RECORDS = 10_000_000;

/** Reasons and their counts, in the order in which they first came up. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  list(): Dropped[] {
    return [...this.#counts].map(([reason, count]) => ({ reason, count }));
  }
}

export class Collector {
  readonly dropped = new Tally();
  readonly adjusted = new Tally();
  #records = 0;
  #jobs: WorkloadJob[] = [];
  readonly #lines = new Map<string, number>();

  /** Counts a record, whatever becomes of it. */
  record(line: number): void {
    this.#records++;
    if (this.#records > MAX_RECORDS) {
      throw new TraceError(`more than ${MAX_RECORDS} records; replay a part of the trace`, { line });
    }
  }

  /** Keeps a job and says so; one of zero length is dropped. `field` is what the format calls the id. */
  add(job: WorkloadJob, line: number, field: string): boolean {
    if (job.run === 0) {
      this.dropped.add('run time is zero');
      return false;
    }
    const before = this.#lines.get(job.id);
    if (before !== undefined) {
      const problem = `${quote(job.id)} stands in line ${before} already; remove or rename one of the two`;
      throw new TraceError(problem, { line, field });
    }
    this.#lines.set(job.id, line);
    this.#jobs.push(job);
    return true;
  }

  /** Share of the jobs kept so far that carry a limit; 0 without jobs. */
  limitedShare(): number {
    let limited = 0;
    for (const job of this.#jobs) if (job.limit !== undefined) limited++;
    return this.#jobs.length === 0 ? 0 : limited / this.#jobs.length;
  }

  /** Sorts, cuts and links the jobs. Refuses a trace that leaves nothing to run. */
  finish(
    format: Workload['format'],
    options: TraceOptions,
    machine: Pick<Workload, 'processors' | 'epoch'> = {},
  ): Workload {
    if (options.requireLimit) this.#keepLimited();
    if (options.cutToLimit ?? true) this.#cut();
    this.#sort();
    this.#link();
    const dropped = this.dropped.list();
    if (this.#jobs.length === 0) throw nothingLeft(this.#records, dropped);
    return { jobs: this.#jobs, format, records: this.#records, dropped, adjusted: this.adjusted.list(), ...machine };
  }

  #keepLimited(): void {
    const limited = this.#jobs.filter((job) => job.limit !== undefined);
    this.dropped.add('no limit asked for, in a trace with limits', this.#jobs.length - limited.length);
    this.#jobs = limited;
  }

  #cut(): void {
    for (const [index, job] of this.#jobs.entries()) {
      if (job.limit === undefined || job.run <= job.limit) continue;
      this.#jobs[index] = { ...job, run: job.limit };
      this.adjusted.add('ran past its limit: cut to it, as killed there');
    }
  }

  #sort(): void {
    let latest = 0;
    for (const { submit } of this.#jobs) {
      if (submit < latest) this.adjusted.add('stands after a job submitted later: sorted by submit time');
      latest = Math.max(latest, submit);
    }
    this.#jobs.sort((a, b) => a.submit - b.submit);
  }

  /** Keeps only dependencies on jobs that stand before: others would never be met, and so no cycle can arise. */
  #link(): void {
    if (!this.#jobs.some((job) => job.after)) return;
    const seen = new Set<string>();
    for (const [index, job] of this.#jobs.entries()) {
      const after = job.after?.filter((id) => seen.has(id));
      if (after && after.length < (job.after?.length ?? 0)) {
        const { after: _, ...free } = job;
        this.#jobs[index] = after.length > 0 ? { ...free, after } : free;
        this.adjusted.add('had to wait for a job that is not before it in the trace: that dependency left out');
      }
      seen.add(job.id);
    }
  }
}

function nothingLeft(records: number, dropped: readonly Dropped[]): TraceError {
  if (records === 0) return new TraceError('holds no records; name a trace that has jobs');
  const reasons = dropped.map(({ reason, count }) => `${count} × ${reason}`).join('; ');
  return new TraceError(`none of its ${records} records is a job that can run (${reasons})`);
}
