/** Small workloads for gangs that live. */
import fc from 'fast-check';
import { DEFAULT_POLICY, type Policy } from '../../../operator/core/plan/policy.ts';
import type { Life } from '../../../operator/sim/life/terms.ts';
import { parseMachine } from '../../../operator/sim/machine.ts';
import type { RunResult } from '../../../operator/sim/results.ts';
import { simulate } from '../../../operator/sim/simulate.ts';
import type { Workload, WorkloadJob } from '../../../operator/sim/workload.ts';

export const job = (id: string, submit: number, run: number, ranks: number, more: Partial<WorkloadJob> = {}) => ({
  id,
  submit,
  run,
  limit: run,
  parts: [{ ranks, accelerators: 0 }],
  ...more,
});

function workloadOf(jobs: readonly WorkloadJob[]): Workload {
  const sorted = jobs.toSorted((a, b) => a.submit - b.submit);
  return { jobs: sorted, format: 'jsonl', records: jobs.length, dropped: [], adjusted: [] };
}

export type Play = {
  readonly jobs: readonly WorkloadJob[];
  readonly nodes: string;
  readonly policy?: Partial<Policy>;
  readonly life?: Life | undefined;
};

export function play({ jobs, nodes, policy = {}, life }: Play): RunResult {
  return simulate({
    workload: workloadOf(jobs),
    machine: parseMachine(nodes),
    policy: { ...DEFAULT_POLICY, ...policy },
    estimates: 'user',
    record: { eta: true, reasons: true },
    ...(life && { life }),
  });
}

/** Processors, accelerators that do not fill their last node, coupled pairs, and jobs that are over at once. */
const parts = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((ranks) => [{ ranks, accelerators: 0 }]),
  fc.integer({ min: 1, max: 9 }).map((ranks) => [{ ranks, accelerators: 1 }]),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 })).map(([ranks, devices]) => [
    { ranks, accelerators: 0 },
    { ranks: devices, accelerators: 1 },
  ]),
);

const drawn = fc.record({
  gap: fc.constantFrom(0, 0, 7, 60, 300),
  run: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2000 })),
  spare: fc.constantFrom(0, 0, 50, 3000),
  parts,
  waits: fc.boolean(),
});

/** For the machine `MIXED`. */
export const workloads: fc.Arbitrary<readonly WorkloadJob[]> = fc
  .array(drawn, { minLength: 1, maxLength: 40 })
  .map((list) => {
    let at = 0;
    return list.map(({ gap, run, spare, waits, parts }, i): WorkloadJob => {
      at += gap;
      const after = waits && i % 5 === 4 ? { after: [`j${i - 1}`] } : {};
      return { id: `j${i}`, submit: at, run, limit: run + spare, parts, user: `u${i % 3}`, ...after };
    });
  });

export const MIXED = 'cpu=4x4,gpu=3x4gpu';

export const policies: fc.Arbitrary<Partial<Policy>> = fc.constantFrom<Partial<Policy>>(
  {},
  { reservations: 1, tick: 0 },
  { reservations: 0, score: { name: 'sjf' } },
  { reservations: Number.POSITIVE_INFINITY },
);
