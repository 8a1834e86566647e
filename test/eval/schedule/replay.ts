/** A thread: one jittered replica of a trace, replayed by one policy. */
import { parentPort, workerData } from 'node:worker_threads';
import { learnedFrom } from '../../../operator/cli/simulate/learned.ts';
import { simulate } from '../../../operator/sim/simulate.ts';
import { jitter } from '../../../operator/sim/synthetic/jitter.ts';
import { readTrace } from '../../../operator/sim/traces/read.ts';
import { boundedSlowdown, mean } from '../metrics.ts';
import { policyOf, queueOf } from '../throughPlan.ts';
import { ROWS } from './rows.ts';

export type Replay = { readonly trace: string; readonly seed: number; readonly key: string };

/** Bounded slowdowns of all jobs and of the last half by submission; waits in seconds. */
export type Replayed = {
  readonly bsld: number;
  readonly lateBsld: number;
  readonly meanWait: number;
  readonly maxWait: number;
};

async function replayed({ trace, seed, key }: Replay): Promise<Replayed> {
  const row = ROWS.find((one) => one.key === key);
  if (!row) throw new Error(`no row is called ${key}`);
  const workload = jitter(await readTrace(trace), seed);
  const { jobs, broken } = simulate({
    workload,
    machine: { pools: [{ name: 'default', nodes: 1, perNode: workload.processors ?? 1, accelerator: false }] },
    policy: { ...policyOf(row.plan), ...row.by },
    queue: queueOf(row.plan),
    estimates: row.estimates,
    ...(row.estimates === 'learned' && { forecaster: learnedFrom(workload) }),
  });
  if (broken[0] !== undefined) throw new Error(`an invariant is broken: ${broken[0]}`);
  const slowdowns = jobs.map(boundedSlowdown);
  const waits = jobs.map(({ start, submit }) => start - submit);
  return {
    bsld: mean(slowdowns),
    lateBsld: mean(slowdowns.slice(Math.floor(slowdowns.length / 2))),
    meanWait: mean(waits),
    maxWait: waits.reduce((most, wait) => Math.max(most, wait), 0),
  };
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
parentPort?.postMessage(await replayed(workerData as Replay));
