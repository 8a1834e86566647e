/** The reference that fits a run of the planner. */
import type { Machine, PlannedStart, PlanPolicy, PlanRun } from '../planRun.ts';
import { easy } from './easy.ts';
import { type ReferenceJob, referenceJobs } from './job.ts';
import { queueOnNodes } from './philly.ts';
import { scoreOf } from './queue.ts';
import { fcfs, type Score, sjf } from './scores.ts';
import { tuned } from './tuned.ts';

type Begun = { readonly job: ReferenceJob; readonly start: number };

function candidatesOf({ score, candidates }: PlanRun['policy']): Score {
  if (candidates === 'score') return scoreOf(score);
  return candidates === 'shortest' ? sjf : fcfs;
}

/** On one flat pool. */
function flat(jobs: readonly ReferenceJob[], { machine, policy }: PlanRun): readonly Begun[] {
  const order = scoreOf(policy.score);
  if (policy.blocked === 'stop') return easy(jobs, machine.size, { order });
  const reservations = policy.blocked === 'skip' ? 0 : policy.blocked.reservations;
  const plain = policy.promote === undefined && policy.holdBack === undefined && reservations === 1;
  if (plain) return easy(jobs, machine.size, { order, candidates: candidatesOf(policy) });
  const { score, promote, holdBack, candidates } = policy;
  return tuned(jobs, machine.size, {
    score,
    reservations,
    ...(promote && { promote }),
    ...(holdBack && { holdBack }),
    ...(candidates !== 'score' && { candidates: candidatesOf(policy) }),
  });
}

/** Whether a reference does what the policy asks for: on nodes it reserves nothing. */
export const covers = (machine: Machine, { blocked }: PlanPolicy): boolean =>
  machine.nodes === 1 || typeof blocked === 'string';

function onNodes(jobs: readonly ReferenceJob[], { machine, policy }: PlanRun): readonly Begun[] {
  const { blocked } = policy;
  if (typeof blocked !== 'string') throw new Error('the reference reserves nothing on nodes');
  return queueOnNodes(jobs, machine, { ...policy, blocked });
}

/** Starts of `run`. Throws where no reference does what the policy asks for. */
export function referenceStarts(run: PlanRun): readonly PlannedStart[] {
  const jobs = referenceJobs(run.jobs, run.told);
  const begun = run.machine.nodes === 1 ? flat(jobs, run) : onNodes(jobs, run);
  return begun.map(({ job, start }) => ({ id: job.id, start }));
}
