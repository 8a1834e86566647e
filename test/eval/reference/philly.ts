/** Schedules without preemption on nodes: an ordered queue, placed as Helios's simulator does it (SC'21). */
import type { PlanPolicy } from '../planRun.ts';
import { LongJobs } from './holdBack.ts';
import type { ReferenceJob } from './job.ts';
import { Nodes, type Share } from './nodes.ts';
import { Queue, type Waiting } from './queue.ts';
import { insertBy, type Running } from './replay.ts';

export type PlacedStart = { readonly job: ReferenceJob; readonly start: number; readonly shares: readonly Share[] };

export type NodePolicy = Pick<PlanPolicy, 'score' | 'promote' | 'holdBack'> & {
  /** At a job that cannot start: `stop`, or `skip` it. */
  readonly blocked: 'stop' | 'skip';
};

export type Cluster = { readonly nodes: number; readonly size: number };

type Placed = Running & { readonly shares: readonly Share[] };

class QueueOnNodes {
  readonly starts: PlacedStart[] = [];
  readonly #policy: NodePolicy;
  readonly #nodes: Nodes;
  readonly #queue: Queue;
  readonly #long: LongJobs;
  /** By true end. */
  readonly #running: Placed[] = [];

  constructor({ nodes, size }: Cluster, policy: NodePolicy) {
    this.#policy = policy;
    this.#nodes = new Nodes(nodes, size);
    this.#queue = new Queue(policy.score, policy.promote);
    this.#long = new LongJobs(policy.holdBack, nodes * size);
  }

  get nextEnd(): number {
    return this.#running[0]?.end ?? Number.POSITIVE_INFINITY;
  }

  arrive(job: ReferenceJob): void {
    this.#queue.add(job);
  }

  end(now: number): void {
    for (; this.#running[0] !== undefined && this.#running[0].end <= now; this.#running.shift())
      this.#nodes.release(this.#running[0].shares);
  }

  pass(now: number): void {
    let free = this.#nodes.idle;
    if (free === 0 || this.#queue.length === 0) return;
    let budget = this.#long.budget(this.#running, now);
    const started = new Set<Waiting>();
    for (const one of this.#queue.inOrder(now)) {
      if (free === 0) break;
      const { job } = one;
      const long = this.#long.taken(job, 0);
      const fits = job.width <= free && (long <= budget || now > this.#long.boundUntil(job));
      const shares = fits ? this.#nodes.place(job.width) : undefined;
      if (shares === undefined) {
        if (this.#policy.blocked === 'stop') break;
        continue;
      }
      free -= job.width;
      budget -= long;
      started.add(one);
      this.starts.push({ job, start: now, shares });
      insertBy(this.#running, { job, start: now, end: now + job.run, shares }, (a, b) => a.end - b.end);
    }
    this.#queue.remove(started);
  }
}

/** Replays `jobs` (by submit time); the starts are in the order in which they were decided. */
export function queueOnNodes(
  jobs: readonly ReferenceJob[],
  cluster: Cluster,
  policy: NodePolicy,
): readonly PlacedStart[] {
  const queue = new QueueOnNodes(cluster, policy);
  for (let next = 0; next < jobs.length || queue.nextEnd < Number.POSITIVE_INFINITY; ) {
    const now = Math.min(jobs[next]?.submit ?? Number.POSITIVE_INFINITY, queue.nextEnd);
    queue.end(now);
    for (let job = jobs[next]; job !== undefined && job.submit <= now; job = jobs[++next]) queue.arrive(job);
    queue.pass(now);
  }
  if (queue.starts.length < jobs.length) throw new Error(`${jobs.length - queue.starts.length} jobs never started`);
  return queue.starts;
}
