/** The Philly fortnight on 72 nodes of 8 accelerators, without preemption through the planner, with it beside it. */

import type { WorkloadJob } from '../../../operator/sim/workload.ts';
import { quantile } from '../../bench/stats.ts';
import type { Data } from '../data.ts';
import { mean } from '../metrics.ts';
import { referenceJobs, widthOf } from '../reference/job.ts';
import type { Cluster } from '../reference/philly.ts';
import type { Finished } from '../reference/preemptive.ts';
import { srtf } from '../reference/srtf.ts';
import { tiresias } from '../reference/tiresias.ts';
import { skipping, stopping } from './policies.ts';
import { type AdapterRow, between, type Expected, type PlanRow, type Sheet, trace, within } from './row.ts';

export const PHILLY_MACHINE = { nodes: 72, size: 8 } as const;

/** Whole multiples of this stay whole when divided by any width of the trace. */
const WIDEST = 32;

/**
 * The published QSSF orders by prediction x width with the trace's negative predictions as they are; the planner knows no
 * run time below a second. Adding one amount to every area keeps the order, and nothing but the order comes of it here.
 */
export function liftedPredictions(jobs: readonly WorkloadJob[]): readonly WorkloadJob[] {
  const least = Math.min(...jobs.map((job) => (job.prediction ?? job.run) * widthOf(job)));
  const lift = WIDEST * Math.ceil((WIDEST - least) / WIDEST);
  return jobs.map((job) => ({ ...job, prediction: (job.prediction ?? job.run) + lift / widthOf(job) }));
}

const JOBS = trace('philly');

const COMMON = { section: '2d', trace: 'Philly', jobs: JOBS, machine: PHILLY_MACHINE } as const;

export const PHILLY_ROWS: readonly PlanRow[] = [
  {
    ...COMMON,
    how: 'plan',
    policy: 'FIFO',
    plan: stopping('fcfs'),
    told: 'oracle',
    expected: {
      jct: between(33_389.9, 31_100, 33_700),
      meanWait: between(24_486.6, 22_200, 24_800),
      p999Wait: within(84_181),
      bsld: within(63.05),
    },
  },
  {
    ...COMMON,
    how: 'plan',
    policy: 'SJF',
    plan: stopping('sjf'),
    told: 'oracle',
    expected: { jct: within(12_072.7), meanWait: within(3169.3), p999Wait: within(113_355), bsld: within(1.824) },
  },
  {
    ...COMMON,
    how: 'plan',
    policy: 'SJF, skipping',
    plan: skipping('sjf'),
    told: 'oracle',
    expected: { jct: within(11_810.5), meanWait: within(2907.2), p999Wait: within(109_945), bsld: within(1.914) },
  },
  {
    ...COMMON,
    how: 'plan',
    policy: 'QSSF, noisy prediction x width',
    plan: stopping('saf'),
    told: 'noisy',
    jobs: async (data) => liftedPredictions(await JOBS(data)),
    expected: {
      jct: between(12_489.8, 12_400, 12_700),
      meanWait: between(3586.5, 3500, 3790),
      p999Wait: within(109_136),
      bsld: within(3.71),
    },
  },
];

type Preemptive = (jobs: ReturnType<typeof referenceJobs>, cluster: Cluster) => readonly Finished[];

function measure(simulate: Preemptive) {
  return async (data: Data | undefined): Promise<Sheet<number>> => {
    const jobs = await JOBS(data);
    const finished = simulate(referenceJobs(jobs, 'oracle'), PHILLY_MACHINE);
    const waits = finished.map(({ waited }) => waited);
    return {
      jct: mean(finished.map(({ job, end }) => end - job.submit)),
      meanWait: mean(waits),
      p999Wait: quantile(waits, 0.999),
      preemptions: finished.reduce((sum, { preemptions }) => sum + preemptions, 0),
      lastEnd: Math.max(...finished.map(({ end }) => end)),
    };
  };
}

const preemptive = (policy: string, simulate: Preemptive, expected: Sheet<Expected>): AdapterRow => ({
  how: 'adapter',
  section: '2d',
  trace: 'Philly',
  policy,
  measure: measure(simulate),
  expected,
});

export const PREEMPTIVE_ROWS: readonly AdapterRow[] = [
  preemptive('SRTF, preemptive', srtf, {
    jct: within(9585.53),
    meanWait: within(670.65),
    p999Wait: within(143_807),
    preemptions: within(18_232),
    lastEnd: within(3_152_848),
  }),
  preemptive('Tiresias, preemptive', tiresias, {
    jct: within(10_575.6),
    meanWait: within(1660.6),
    preemptions: within(6380),
  }),
];
