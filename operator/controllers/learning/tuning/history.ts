/** What is played: the runs of the last weeks, what computes now, and the pools as they are. */
import { parseTime } from '../../../../crds/time.ts';
import type { History } from '../../../../predictors/history/history.ts';
import type { Run } from '../../../../predictors/run.ts';
import { askedOf } from '../../../asked.ts';
import { known } from '../../../core/known.ts';
import type { PlayHistory, PlayQueue, Running } from '../../../play/messages.ts';
import { queueModel } from '../../gather/models.ts';
import type { World } from '../../world.ts';
import { computing } from '../pupil.ts';
import { playPools } from './pools.ts';

/** Runs that are played at most: the latest. So many take a search minutes at most, and tell as much as more would. */
const MOST = 10_000;
const DAY = 86_400;

/** Without what no simulator looks at, which is most of it. */
function lean<T extends Run | Running>(run: T): T {
  const { image: _image, accelerator: _accelerator, ...kept } = run;
  return { ...kept, command: [], declared: {} } as unknown as T;
}

export type Gathering = {
  readonly history: Pick<History, 'read'>;
  readonly world: World;
  readonly usesPredictions: boolean;
  /** Seconds since the epoch, and days to look back. */
  readonly now: number;
  readonly days: number;
};

/** Rejects where the history cannot be read. */
export async function gatherHistory({ history, world, usesPredictions, now, days }: Gathering): Promise<PlayHistory> {
  const wanted = now - days * DAY;
  const runs: Run[] = [];
  let read = 0;
  let first = Number.POSITIVE_INFINITY;
  for await (const batch of history.read({ last: MOST })) {
    first = Math.min(first, batch.runs[0]?.endedAt ?? first);
    read += batch.runs.length;
    for (const run of batch.runs) if (run.endedAt > wanted) runs.push(lean(run));
  }
  // Of what came before the first end that was read, some runs were not.
  const from = read < MOST ? wanted : Math.max(wanted, first);
  return { from, now, runs, running: runningNow(world), pools: playPools(world), usesPredictions };
}

/** Attempts that compute now. */
function runningNow(world: World): readonly Running[] {
  const platform = { queue: (name: string) => world.queues.get(name), pool: (name: string) => world.pools.get(name) };
  return world.jobResources().flatMap((resource): readonly Running[] => {
    const job = world.job(resource);
    const { assignment, prediction, startedAt } = job.status;
    const attempt = computing(job.status);
    if (attempt === undefined || !assignment || assignment.ending) return [];
    const asked = askedOf(job, platform);
    if (!asked) return [];
    const { q10, q50, q75, q90, q95, quick = 0, by = 'user' } = prediction ?? {};
    const quantiles = prediction && { q10, q50, q75, q90, q95, z: quick, by };
    const chosen = { pool: assignment.pool, nodes: assignment.members };
    const started = parseTime(startedAt) ?? asked.submittedAt;
    const told = { attempt, startedAt: Math.max(started, asked.submittedAt), chosen, predicted: quantiles };
    return [lean(known({ ...asked, ...told }) as Running)];
  });
}

/** Terms of the queue that most of the runs waited in. */
export function queueOf(runs: readonly Pick<Run, 'queue'>[], world: World): PlayQueue {
  const counts = Map.groupBy(runs, ({ queue }) => queue);
  const [name = ''] = [...counts].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const queue = world.queues.get(name);
  const { order = 'skipping', waitObjective } = queue ? queueModel(queue) : {};
  return known({ order, waitObjective });
}
