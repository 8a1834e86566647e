/** A job of a sacct dump, with its steps, as a run. */
import type { Run } from '../../run.ts';
import { bounded, boundedCommand } from '../bounds.ts';
import { durationOf, numberOf, outcomeOf, textOf, timeOf, tresOf } from './sacctValues.ts';
import { commandOf } from './submitLine.ts';

/** Cells of a line by the name of their column. */
export type Cells = ReadonlyMap<string, string>;

export type SacctOptions = {
  /** Name of the cluster: jobs of two clusters must not share their uids. A column `Cluster` goes before it. */
  readonly cluster: string;
  /** Seconds that the cluster's clock is ahead of UTC; 0 with `SLURM_TIME_FORMAT=%s`. */
  readonly utcOffset: number;
};

/** Counters that were never read say 0 or 2^64 − 2: neither is an energy. */
const MOST_JOULES = 1e15;

function energyOf(cells: Cells | undefined): number | undefined {
  const joules = numberOf(cells?.get('ConsumedEnergyRaw'));
  return joules !== undefined && joules > 0 && joules < MOST_JOULES ? joules : undefined;
}

const stepOf = (cells: Cells): string => {
  const id = cells.get('JobIDRaw') ?? cells.get('JobID') ?? '';
  return id.slice(id.indexOf('.') + 1);
};

/**
 * Joules of the job: its own, else of the step `extern`, which spans it; else those of its numbered steps together.
 * The step `batch` is of the first node alone and would be counted twice.
 */
function joulesOf(job: Cells, steps: readonly Cells[]): number | undefined {
  const whole = energyOf(job) ?? energyOf(steps.find((step) => stepOf(step) === 'extern'));
  if (whole !== undefined) return whole;
  const parts = steps.filter((step) => /^\d+$/.test(stepOf(step))).flatMap((step) => energyOf(step) ?? []);
  return parts.length === 0 ? undefined : parts.reduce((sum, joules) => sum + joules, 0);
}

function limitOf(job: Cells): number | undefined {
  const minutes = numberOf(job.get('TimelimitRaw'));
  const limit = minutes === undefined ? durationOf(job.get('Timelimit')) : minutes * 60;
  return limit === undefined || limit === 0 ? undefined : limit;
}

function commandOfJob(job: Cells): string[] {
  const line = textOf(job.get('SubmitLine'));
  const words = line === undefined ? [] : commandOf(line);
  const name = textOf(job.get('JobName'));
  return boundedCommand(words.length > 0 ? words : name === undefined ? [] : [name]);
}

/** What was asked for, else what was given; nodes, CPUs and accelerators of all nodes. */
function shapeOf(job: Cells, steps: readonly Cells[]) {
  const given = tresOf(job.get('AllocTRES'));
  const asked = { ...given, ...tresOf(job.get('ReqTRES')) };
  const allocated = numberOf(job.get('NNodes')) || numberOf(job.get('AllocNodes')) || given.nodes || 1;
  const cpus = asked.cpus ?? numberOf(job.get('NCPUS')) ?? numberOf(job.get('AllocCPUS')) ?? 0;
  const tasks = steps.map((step) => numberOf(step.get('NTasks')) ?? 0);
  const gpuType = asked.gpuType ?? given.gpuType;
  return {
    allocated,
    asked: {
      nodes: asked.nodes || allocated,
      ranks: numberOf(job.get('NTasks')) || Math.max(0, ...tasks) || cpus,
      gpus: asked.gpus ?? 0,
      cpus,
      memory: asked.memory ?? 0,
      ...(gpuType !== undefined && { accelerator: { name: bounded(gpuType, 253) } }),
    },
  };
}

type Span = Pick<Run, 'submittedAt' | 'startedAt' | 'endedAt' | 'outcome' | 'censored'>;

/** When and how the job ended, or why it is no run, in words that can be counted. */
function spanOf(job: Cells, utcOffset: number): Span | string {
  const outcome = outcomeOf(job.get('State'));
  if (outcome === undefined) return `unknown state ${bounded((job.get('State') ?? '').split(' ', 1)[0] ?? '', 30)}`;
  if (outcome === null) return 'not over';
  const submittedAt = timeOf(job.get('Submit'), utcOffset);
  const startedAt = timeOf(job.get('Start'), utcOffset);
  const endedAt = timeOf(job.get('End'), utcOffset);
  if (submittedAt === undefined) return 'submit time unknown';
  if (startedAt === undefined) return 'never started';
  if (endedAt === undefined) return 'end unknown';
  return { submittedAt, startedAt, endedAt, outcome, censored: outcome !== 'succeeded' && outcome !== 'failed' };
}

/** Whose it is and where it waited: the account stands for the queue, the partition for the pool. */
function placeOf(job: Cells): Pick<Run, 'user' | 'queue' | 'pool'> {
  const user = textOf(job.get('User'));
  const partition = textOf(job.get('Partition'));
  return {
    ...(user !== undefined && { user }),
    queue: textOf(job.get('Account')) ?? partition ?? 'unknown',
    ...(partition !== undefined && !partition.includes(',') && { pool: partition }),
  };
}

/** The run of a job, or why it is none, in words that can be counted. */
export function fromSacct(job: Cells, steps: readonly Cells[], { cluster, utcOffset }: SacctOptions): Run | string {
  const span = spanOf(job, utcOffset);
  if (typeof span === 'string') return span;
  const id = job.get('JobIDRaw') ?? job.get('JobID') ?? '';
  const limit = limitOf(job);
  const joules = joulesOf(job, steps);
  const { allocated, asked } = shapeOf(job, steps);
  return {
    uid: `slurm/${textOf(job.get('Cluster')) ?? cluster}/${id}`,
    attempt: 1 + (numberOf(job.get('Restarts')) ?? 0),
    kind: 'Slurm',
    ...placeOf(job),
    ...span,
    ...(limit !== undefined && { limit }),
    limitEnforced: limit !== undefined,
    command: commandOfJob(job),
    ...asked,
    declared: {},
    chosen: { pool: textOf(job.get('Partition')) ?? 'unknown', nodes: allocated },
    ...(joules !== undefined && { joules, joulesSource: 'accounting' }),
  };
}
