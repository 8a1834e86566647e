/** Shortest remaining time first with known run times, decided every second, as in Helios's simulator (SC'21). */
import type { ReferenceJob } from './job.ts';
import { Nodes } from './nodes.ts';
import type { Cluster } from './philly.ts';
import { type Finished, type Task, Tasks, task } from './preemptive.ts';

/** Helios: checkpoint and cold start. */
const overhead = (width: number): number => (width === 1 ? 7 : width <= 8 ? 30 : 60);

/**
 * Seconds until a running job overtakes a waiting one in `order`: as long as that does not happen, nobody ends and nobody
 * comes, each second decides as the one before.
 */
function untilOvertaken(order: readonly Task[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < order.length; i++) {
    const [ahead, behind] = [order[i - 1] as Task, order[i] as Task];
    if (ahead.shares === undefined && behind.shares !== undefined)
      least = Math.min(least, behind.left - ahead.left + 1);
  }
  return least;
}

/** Replays `jobs` (whole seconds, by submit time) on `cluster`. */
export function srtf(jobs: readonly ReferenceJob[], cluster: Cluster): readonly Finished[] {
  const tasks = new Tasks(new Nodes(cluster.nodes, cluster.size), overhead);
  let next = 0;
  for (let now = jobs[0]?.submit ?? 0; tasks.finished.length < jobs.length; ) {
    tasks.end(now);
    for (let job = jobs[next]; job !== undefined && job.submit <= now; job = jobs[++next])
      tasks.waiting.push(task(job));
    const order = [...tasks.waiting, ...tasks.running].sort((a, b) => a.left - b.left);
    const moved = tasks.choose(order, cluster.nodes * cluster.size, now);
    const quiet = moved ? 1 : Math.min(untilOvertaken(order), ...tasks.running.map(({ left }) => left + 1));
    const step = Math.min(quiet, (jobs[next]?.submit ?? Number.POSITIVE_INFINITY) - now);
    now += step;
    for (const one of tasks.running) one.left -= step;
  }
  return tasks.finished;
}
