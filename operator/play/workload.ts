/**
 * What the cluster was asked for, as a workload of the simulator. An attempt that was cut off held its room as long as it
 * did, and the next one came when it had ended: both are played as they were. One that still runs is played as long as it
 * has run: nobody knows more, and without it the last days would look emptier than they were.
 */
import type { Dropped, Workload, WorkloadJob } from '../sim/workload.ts';
import type { PlayHistory, PlayPool, Running } from './messages.ts';
import { holds, unitsOf } from './units.ts';

type Attempt = Running & { readonly endedAt: number };

/** Id of an attempt in the workload. */
export function idOf({ uid, attempt }: Pick<Attempt, 'uid' | 'attempt'>): string {
  return `${uid}/${attempt}`;
}

/** How an attempt lies in a pool, or why it cannot be played. */
function placed({ chosen, ...asked }: Attempt, pools: ReadonlyMap<string, PlayPool>): WorkloadJob['parts'] | string {
  const pool = pools.get(chosen.pool);
  if (!pool) return 'ran in a pool that has no nodes now';
  const units = unitsOf(asked, pool);
  if (units === undefined) return 'ran without accelerators in a pool that is counted in them';
  if (holds(pool, units) < chosen.nodes) return 'ran wider than their pool is now';
  const each = pool.accelerators >= 1 ? { accelerators: units } : { accelerators: 0, processors: units };
  return [{ ranks: chosen.nodes, ...each, pool: pool.name }];
}

/** When the attempt began to wait, and the one before it. The first waits since the job was submitted. */
function cameAt(attempt: Attempt, before: Attempt | undefined): number {
  return Math.min(attempt.startedAt, Math.max(attempt.submittedAt, before?.endedAt ?? 0));
}

function jobOf(attempt: Attempt, before: Attempt | undefined, parts: WorkloadJob['parts'], from: number): WorkloadJob {
  const { limit, user, queue, startedAt, endedAt } = attempt;
  const run = endedAt - startedAt;
  return {
    id: idOf(attempt),
    submit: cameAt(attempt, before) - from,
    run: limit === undefined ? run : Math.min(run, limit),
    parts,
    ...(limit !== undefined && { limit }),
    ...(user !== undefined && { user }),
    queue,
    ...(before && { after: [idOf(before)] }),
  };
}

/** The workload of all attempts that began to wait since `from`; times count from there. Pure. */
export function workloadOf({ from, now, runs, running, pools }: PlayHistory): Workload {
  const over = new Set(runs.map(idOf));
  const still = running.filter((attempt) => !over.has(idOf(attempt)) && attempt.startedAt <= now);
  const attempts: readonly Attempt[] = [...runs, ...still.map((attempt) => ({ ...attempt, endedAt: now }))];
  const byId = new Map(attempts.map((attempt) => [idOf(attempt), attempt]));
  const byName = new Map(pools.map((pool) => [pool.name, pool]));
  const dropped = new Map<string, number>();
  const jobs: WorkloadJob[] = [];
  for (const attempt of attempts) {
    const before = byId.get(idOf({ uid: attempt.uid, attempt: attempt.attempt - 1 }));
    if (cameAt(attempt, before) < from) continue;
    const parts = placed(attempt, byName);
    if (typeof parts === 'string') dropped.set(parts, (dropped.get(parts) ?? 0) + 1);
    else jobs.push(jobOf(attempt, before, parts, from));
  }
  // Nobody waits for an attempt that is not played.
  const played = new Set(jobs.map(({ id }) => id));
  const free = jobs.map(({ after, ...job }) => (after?.every((id) => played.has(id)) ? { ...job, after } : job));
  const counted = (reason: string, count: number): readonly Dropped[] => (count > 0 ? [{ reason, count }] : []);
  return {
    jobs: free.toSorted((a, b) => a.submit - b.submit || (a.id < b.id ? -1 : 1)),
    format: 'history',
    records: attempts.length,
    dropped: [...dropped].map(([reason, count]) => ({ reason, count })),
    adjusted: counted(
      'still run and are played as long as they have run',
      still.filter((a) => played.has(idOf(a))).length,
    ),
    epoch: from,
  };
}
