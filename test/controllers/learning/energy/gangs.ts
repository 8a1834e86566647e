/** Gangs and runs for the tests of energy. */
import type { Energy } from '../../../../operator/controllers/learning/energy/meter.ts';
import type { Gang } from '../../../../operator/controllers/learning/energy/promql.ts';
import type { Job } from '../../../../operator/core/job.ts';
import { formatTime } from '../../../../operator/core/time.ts';
import type { Run } from '../../../../predictors/run.ts';

export const gang = (attempt: string, more: Partial<Gang> = {}): Gang => ({
  namespace: 'demo',
  attempt,
  members: 2,
  nodes: new Map([
    [`${attempt}-node-0`, 1],
    [`${attempt}-node-1`, 1],
  ]),
  devices: 2,
  ...more,
});

/** A run of two members with two accelerators each, which ran from 1,000,000 to 1,000,100. */
export const run = (more: Partial<Run> = {}): Run => ({
  uid: 'a-uid',
  kind: 'SimulationJob',
  queue: 'default',
  submittedAt: 999_990,
  limitEnforced: false,
  image: 'solver:1',
  command: ['solve'],
  nodes: 2,
  ranks: 2,
  gpus: 4,
  cpus: 2,
  memory: 1e9,
  declared: {},
  accelerator: { name: 'h200', watts: 700 },
  attempt: 1,
  startedAt: 1_000_000,
  endedAt: 1_000_100,
  outcome: 'succeeded',
  censored: false,
  chosen: { pool: 'default', nodes: 2 },
  ...more,
});

export const measured = (energy: Energy, more: Partial<Run> = {}): Run => run({ ...energy, ...more });

/** The job whose attempt the run was. */
export function jobOf({ attempt, startedAt }: Run, { attempt: name, namespace, members, nodes }: Gang): Job {
  let first = 0;
  const placements = [...nodes].map(([node, count]) => {
    const placement = { node, first, count };
    first += count;
    return placement;
  });
  const assignment = {
    attempt,
    name,
    pool: 'default',
    queue: 'default',
    members,
    placements,
    resources: {},
    admittedAt: formatTime(startedAt),
  };
  return {
    uid: 'a-uid',
    namespace,
    name: 'a',
    generation: 1,
    submittedAt: startedAt,
    deleting: false,
    finalizer: true,
    status: { assignment },
  };
}
