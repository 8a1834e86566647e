/** A history cut into what is searched on and, later in time, what decides. */
import { SimulationInputError } from '../machine.ts';
import type { Workload, WorkloadJob } from '../workload.ts';

const DAY = 86_400;

/** With fewer jobs a mean says nothing. */
const FEWEST = 100;

/** Of a history that is shorter than asked for, this is searched on. */
const TRAINING_SHARE = 2 / 3;

export type Split = {
  readonly training: Workload;
  readonly heldOut: Workload;
  /** Days of each. */
  readonly days: readonly [training: number, heldOut: number];
};

/** The jobs submitted in [from, until). They wait only for others of the same part. */
function part(workload: Workload, from: number, until: number): Workload {
  const chosen = workload.jobs.filter(({ submit }) => submit >= from && submit < until);
  const ids = new Set(chosen.map(({ id }) => id));
  const jobs = chosen.map((job): WorkloadJob => {
    if (!job.after) return job;
    const { after, ...free } = job;
    const inside = after.filter((id) => ids.has(id));
    return inside.length > 0 ? { ...free, after: inside } : free;
  });
  return { ...workload, jobs };
}

/**
 * The last `heldOut` days of the history, and the `training` days before them; of a shorter history the last third and
 * what is before. Throws SimulationInputError where one of them holds too few jobs.
 */
export function split(workload: Workload, training: number, heldOut: number): Split {
  const first = workload.jobs[0]?.submit ?? 0;
  const end = (workload.jobs.at(-1)?.submit ?? 0) + 1;
  const span = end - first;
  const isLong = span >= (training + heldOut) * DAY;
  const cut = isLong ? end - heldOut * DAY : first + span * TRAINING_SHARE;
  const from = isLong ? cut - training * DAY : first;
  const parts = { training: part(workload, from, cut), heldOut: part(workload, cut, end) };
  for (const [name, { jobs }] of Object.entries(parts)) {
    if (jobs.length >= FEWEST) continue;
    throw new SimulationInputError(
      `the ${name === 'training' ? 'training' : 'held-out'} part of the history holds ${jobs.length} jobs; tuning needs at least ${FEWEST} in each`,
    );
  }
  return { ...parts, days: [(cut - from) / DAY, (end - cut) / DAY] };
}
