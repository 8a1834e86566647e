/** Where the traces lie, and how they are read: by the product's own readers, except for RLScheduler's protocol. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTrace } from '../../operator/sim/traces/read.ts';
import type { Workload } from '../../operator/sim/workload.ts';
import type { ReferenceJob } from './reference/job.ts';
import { windowJobs } from './windowTraces.ts';

const FILES = {
  kth: 'swf/KTH-SP2-1996-2.1-cln.swf.gz',
  'lublin-1': 'swf/lublin-1.swf.gz',
  'lublin-2': 'swf/lublin-2.swf.gz',
  philly: 'philly/philly_2w_24134_onevc.csv.gz',
} as const;

export type TraceName = keyof typeof FILES;

export const DEFAULT_DATA = join(import.meta.dirname, '../../../shared/data');

/** Reads each trace once. */
export class Data {
  readonly #folder: string;
  readonly #workloads = new Map<TraceName, Promise<Workload>>();
  readonly #windowJobs = new Map<TraceName, readonly ReferenceJob[]>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The first of the files that is not there. */
  get missing(): string | undefined {
    return Object.values(FILES)
      .map((file) => join(this.#folder, file))
      .find((path) => !existsSync(path));
  }

  /** Cut to the limit and cleaned as the product does it. */
  workload(name: TraceName): Promise<Workload> {
    const read = this.#workloads.get(name) ?? readTrace(join(this.#folder, FILES[name]));
    this.#workloads.set(name, read);
    return read;
  }

  /** As RLScheduler's protocol reads it. */
  windowJobs(name: Exclude<TraceName, 'philly'>): readonly ReferenceJob[] {
    const read = this.#windowJobs.get(name) ?? windowJobs(join(this.#folder, FILES[name]));
    this.#windowJobs.set(name, read);
    return read;
  }
}
