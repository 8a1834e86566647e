/** The workload of a simulation: a trace or a generated one, cut, compressed and jittered as asked. */

import { jitter } from '../../sim/synthetic/jitter.ts';
import { synthesize } from '../../sim/synthetic/synthesize.ts';
import { readTrace } from '../../sim/traces/read.ts';
import type { Workload, WorkloadJob } from '../../sim/workload.ts';
import { UsageError } from '../errors.ts';
import { type Given, numberOf, type OptionSpecs } from '../options.ts';

const WHOLE = { least: 0, most: Number.MAX_SAFE_INTEGER, whole: true } as const;

const group = 'What runs';

export const WORKLOAD_OPTIONS = {
  trace: {
    value: 'FILE',
    group,
    help: 'Replay a trace: SWF, Philly CSV, Chronus CSV or our JSON lines, plain or gzipped.',
  },
  synthetic: {
    value: 'SPEC',
    group,
    help: 'Generate a workload, e.g. jobs=10000,processors=256,load=0.8,gpu=0.5; "" for the defaults.',
  },
  seed: { value: 'N', group, help: 'Seed of the generated workload; same seed, same bytes. Default 1.' },
  first: { value: 'N', group, help: 'Only the first N jobs.' },
  arrivals: {
    value: 'FACTOR',
    group,
    help: 'So many times as many arrivals in the same time: 1.2 is 20 % more load.',
  },
  jitter: {
    value: 'SEED',
    group,
    help: 'Change each run time by up to 1 %. Means of one run are chaotic: compare means over several seeds.',
  },
} as const satisfies OptionSpecs;

/** A workload and what it is called in what is written of the run. */
export type Source = { readonly name: string; readonly workload: Workload };

/** Times are kept to the millisecond. */
const MILLI = 1000;

function compress(workload: Workload, factor: number): Workload {
  const first = workload.jobs[0]?.submit ?? 0;
  const move = (job: WorkloadJob): WorkloadJob => {
    const submit = first + Math.round(((job.submit - first) / factor) * MILLI) / MILLI;
    const { deadline } = job;
    // A deadline stays as far from its submission as it was.
    return { ...job, submit, ...(deadline !== undefined && { deadline: deadline - job.submit + submit }) };
  };
  return { ...workload, jobs: workload.jobs.map(move) };
}

async function read({ trace, synthetic, seed }: Given<typeof WORKLOAD_OPTIONS>): Promise<Source> {
  if (trace !== undefined) {
    if (synthetic !== undefined) throw new UsageError('--trace and --synthetic exclude each other; give one');
    if (seed !== undefined) throw new UsageError('--seed goes with --synthetic; a trace is varied with --jitter SEED');
    return { name: trace, workload: await readTrace(trace) };
  }
  if (synthetic === undefined) throw new UsageError('give --trace FILE or --synthetic SPEC; --help shows the forms');
  const chosen = numberOf('seed', seed, WHOLE);
  if (chosen !== undefined && /(^|,)\s*seed\s*=/.test(synthetic)) {
    throw new UsageError('--seed: the specification has a seed already; remove one of the two');
  }
  const spec = chosen === undefined ? synthetic : [synthetic, `seed=${chosen}`].filter((part) => part !== '').join(',');
  return { name: `synthetic ${spec || 'defaults'}`, workload: synthesize(spec) };
}

/** Throws UsageError and TraceError. */
export async function readWorkload(given: Given<typeof WORKLOAD_OPTIONS>): Promise<Source> {
  const first = numberOf('first', given.first, { ...WHOLE, least: 1 });
  const factor = numberOf('arrivals', given.arrivals, { least: 0.001, most: 1000 });
  const seed = numberOf('jitter', given.jitter, WHOLE);
  const source = await read(given);
  let { workload } = source;
  if (first !== undefined) workload = { ...workload, jobs: workload.jobs.slice(0, first) };
  if (factor !== undefined) workload = compress(workload, factor);
  if (seed !== undefined) workload = jitter(workload, seed);
  return { ...source, workload };
}
