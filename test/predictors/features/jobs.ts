/** Jobs and runs for tests, made from a few numbers. */
import type { Asked, Run } from '../../../predictors/run.ts';

export function asked(given: Partial<Asked> = {}): Asked {
  return {
    uid: 'job',
    kind: 'SimulationJob',
    user: 'ada',
    queue: 'default',
    submittedAt: 1_000_000,
    limit: 3600,
    limitEnforced: true,
    command: [],
    nodes: 1,
    ranks: 4,
    gpus: 0,
    cpus: 4,
    memory: 1e9,
    declared: {},
    ...given,
  };
}

/** A run of the job that began `wait` after its submission. */
export function ran(job: Asked, seconds: number, given: Partial<Run> = {}, wait = 0): Run {
  const startedAt = job.submittedAt + wait;
  return {
    ...job,
    attempt: 1,
    startedAt,
    endedAt: startedAt + seconds,
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'default', nodes: job.nodes },
    ...given,
  };
}
