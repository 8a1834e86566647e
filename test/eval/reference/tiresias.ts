/** Tiresias's discretised two-queue least attained service (NSDI'19), in rounds of a minute, as in Lucid's simulator. */
import type { ReferenceJob } from './job.ts';
import { Nodes } from './nodes.ts';
import type { Cluster } from './philly.ts';
import { type Finished, type Task, Tasks, task } from './preemptive.ts';

const ROUND_SECONDS = 60;
/** Accelerator-seconds after which a job falls into the second queue. */
const THRESHOLD = 18_000;

/** Lucid: checkpoint and cold start. */
const overhead = (width: number): number => (width <= 8 ? 40 : 60);

const demoted = ({ attained }: Task): number => Number(attained > THRESHOLD);
const byQueue = (a: Task, b: Task): number => demoted(a) - demoted(b) || a.job.submit - b.job.submit;

/** Replays `jobs` (whole seconds, by submit time) on `cluster`. */
export function tiresias(jobs: readonly ReferenceJob[], cluster: Cluster): readonly Finished[] {
  const tasks = new Tasks(new Nodes(cluster.nodes, cluster.size), overhead);
  let next = 0;
  for (let now = 0; tasks.finished.length < jobs.length; now += ROUND_SECONDS) {
    for (let job = jobs[next]; job !== undefined && job.submit <= now; job = jobs[++next])
      tasks.waiting.push(task(job));
    if (tasks.waiting.length > 0)
      tasks.choose([...tasks.running, ...tasks.waiting].sort(byQueue), cluster.nodes * cluster.size, now);
    for (const one of tasks.running) {
      one.left -= ROUND_SECONDS;
      one.attained += ROUND_SECONDS * one.job.width;
    }
    tasks.end(now + ROUND_SECONDS);
  }
  return tasks.finished;
}
