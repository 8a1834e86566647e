/** What a study runs over: replicas of a trace, or windows of it on an empty machine; a synthetic workload where there are no traces. */
import { jitter } from '../../../operator/sim/synthetic/jitter.ts';
import { synthesize } from '../../../operator/sim/synthetic/synthesize.ts';
import type { Workload, WorkloadJob } from '../../../operator/sim/workload.ts';
import type { Data, TraceName } from '../data.ts';
import { hundred, WINDOW_JOBS } from '../windows.ts';

type Sample = readonly WorkloadJob[];

/** Seeds of replicas are apart from those by which scalars were searched. */
const FIRST_SEED = 1000;

/** A trace, or the workload that stands in for it. */
export type Source = { readonly name: TraceName; readonly standIn: string };

async function workload({ name, standIn }: Source, data: Data | undefined): Promise<Workload> {
  return data === undefined ? synthesize(standIn) : await data.workload(name);
}

/** The whole trace `count` times, run times changed by up to 1 %. */
export async function replicas(source: Source, count: number, data: Data | undefined): Promise<readonly Sample[]> {
  const whole = await workload(source, data);
  return Array.from({ length: count }, (_, k) => jitter(whole, FIRST_SEED + k).jobs);
}

export async function whole(source: Source, data: Data | undefined): Promise<readonly Sample[]> {
  return [(await workload(source, data)).jobs];
}

/** Windows at the `starts`, or a hundred evenly over the trace. */
export async function windowsOf(
  source: Source,
  starts: readonly number[] | 100,
  data: Data | undefined,
): Promise<readonly Sample[]> {
  const { jobs } = await workload(source, data);
  const from = starts === 100 ? hundred(jobs.length) : starts;
  return from.map((start) => jobs.slice(start, start + WINDOW_JOBS));
}
