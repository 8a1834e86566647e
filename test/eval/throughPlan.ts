/** The tables' way into the real planner: the simulator's engine around the product's own plan. */
import type { Queue } from '../../operator/core/model.ts';
import type { Policy } from '../../operator/core/plan/policy.ts';
import type { Machine } from '../../operator/sim/machine.ts';
import { simulate } from '../../operator/sim/simulate.ts';
import type { WorkloadJob } from '../../operator/sim/workload.ts';
import type { PlannedStart, PlanPolicy, PlanRun } from './planRun.ts';

export function policyOf({ score, candidates, blocked, promote, holdBack }: PlanPolicy): Policy {
  return {
    score,
    orderBy: 'q50',
    planBy: 'q50',
    reservations: typeof blocked === 'string' ? 0 : blocked.reservations,
    candidates,
    promotions: promote?.atOnce ?? 0,
    ...(holdBack && { holdBack }),
    // The tables are about what is decided, not about how often an operator looks at moving scores.
    tick: 0,
    unlimited: Number.POSITIVE_INFINITY,
  };
}

export const queueOf = ({ blocked, promote }: PlanPolicy): Partial<Omit<Queue, 'name'>> => ({
  order: blocked === 'stop' ? 'strict' : 'skipping',
  ...(promote && { waitObjective: promote.afterSeconds }),
});

/** One node is a flat pool of processors; several are nodes of accelerators. */
const machineOf = ({ nodes, size }: PlanRun['machine']): Machine => ({
  pools: [{ name: 'default', nodes, perNode: size, accelerator: nodes > 1 }],
});

/** No planner knows what to do with a run time below a second. */
const clamped = (job: WorkloadJob): WorkloadJob =>
  job.prediction === undefined ? job : { ...job, prediction: Math.max(1, job.prediction) };

/** Replays `run`; every job of it starts exactly once. Throws where an invariant breaks. */
export async function runThroughPlan({ jobs, machine, policy, told }: PlanRun): Promise<readonly PlannedStart[]> {
  const result = simulate({
    workload: { jobs: jobs.map(clamped), format: 'jsonl', records: jobs.length, dropped: [], adjusted: [] },
    machine: machineOf(machine),
    policy: policyOf(policy),
    estimates: told,
    queue: queueOf(policy),
  });
  const [broken] = result.broken;
  if (broken !== undefined) throw new Error(`an invariant is broken: ${broken}`);
  const [never] = result.never;
  if (never !== undefined) throw new Error(`job ${never.id} can never start: ${never.message}`);
  return result.jobs.map(({ id, start }) => ({ id, start }));
}
