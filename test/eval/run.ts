/** One run, through the planner or the reference, as the times of its jobs. */
import type { Through } from './evaluation.ts';
import type { Ran } from './metrics.ts';
import type { PlannedStart, PlanRun } from './planRun.ts';
import { referenceStarts } from './reference/starts.ts';
import { runThroughPlan } from './throughPlan.ts';

/** Starts by job id. Throws where a job starts twice, never, before its submission, or is none of the run's. */
export async function startsOf(run: PlanRun, through: Through): Promise<ReadonlyMap<string, number>> {
  const starts: readonly PlannedStart[] = through === 'plan' ? await runThroughPlan(run) : referenceStarts(run);
  const byId = new Map(starts.map(({ id, start }) => [id, start]));
  if (starts.length !== run.jobs.length || byId.size !== run.jobs.length)
    throw new Error(`${run.jobs.length} jobs, but ${starts.length} starts of ${byId.size} jobs`);
  for (const { id, submit } of run.jobs) {
    const start = byId.get(id);
    if (start === undefined) throw new Error(`job ${id} never started`);
    if (start < submit) throw new Error(`job ${id} started at ${start}, before its submission at ${submit}`);
  }
  return byId;
}

/** The times of the jobs of `run`, in order of submission. */
export async function ran(run: PlanRun, through: Through): Promise<readonly Ran[]> {
  const starts = await startsOf(run, through);
  return run.jobs.map(({ id, submit, run: seconds }) => ({ submit, start: starts.get(id) as number, run: seconds }));
}
