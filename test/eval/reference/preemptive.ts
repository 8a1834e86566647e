/**
 * What the preemptive schedules of the Philly fortnight share: jobs that run in pieces, and the walk with a quota that
 * chooses who runs. The rules, the tick in which a job ends included, are those of Helios's and Lucid's simulators.
 */
import type { ReferenceJob } from './job.ts';
import type { Nodes, Share } from './nodes.ts';

export type Task = {
  readonly job: ReferenceJob;
  /** Seconds of work left, with the overhead of its preemptions. */
  left: number;
  /** Accelerator-seconds received. */
  attained: number;
  /** Seconds in the queue so far. */
  waited: number;
  /** When it last began to wait. */
  since: number;
  preemptions: number;
  /** Where it runs; absent while it waits. */
  shares?: readonly Share[] | undefined;
};

export type Finished = {
  readonly job: ReferenceJob;
  readonly end: number;
  readonly waited: number;
  readonly preemptions: number;
};

export const task = (job: ReferenceJob): Task => ({
  job,
  left: job.run,
  attained: 0,
  waited: 0,
  since: job.submit,
  preemptions: 0,
});

/** The jobs under way, in the order in which they came to wait or to run. */
export class Tasks {
  waiting: Task[] = [];
  running: Task[] = [];
  readonly finished: Finished[] = [];
  readonly #nodes: Nodes;
  readonly #overhead: (width: number) => number;

  /** `overhead`: seconds that a preemption adds to a job of this width. */
  constructor(nodes: Nodes, overhead: (width: number) => number) {
    this.#nodes = nodes;
    this.#overhead = overhead;
  }

  /** Takes out what has ended by `now`. A job ends one second after nothing is left of it: the simulators count so. */
  end(now: number): void {
    const ended = this.running.filter(({ left }) => left < 0);
    if (ended.length === 0) return;
    for (const { job, left, waited, preemptions, shares } of ended) {
      this.#nodes.release(shares ?? []);
      this.finished.push({ job, end: now + left + 1, waited, preemptions });
    }
    this.running = this.running.filter(({ left }) => left >= 0);
  }

  /** Walks `order` with a quota of all accelerators: who fits runs, who does not is preempted. True if anything moved. */
  choose(order: readonly Task[], total: number, now: number): boolean {
    const chosen: Task[] = [];
    const preempted = new Set<Task>();
    let quota = total;
    for (const one of order) {
      if (one.job.width <= quota) {
        quota -= one.job.width;
        if (one.shares === undefined) chosen.push(one);
      } else if (one.shares !== undefined) preempted.add(one);
    }
    for (const one of preempted) this.#preempt(one, now);
    if (preempted.size > 0) this.running = this.running.filter((one) => !preempted.has(one));
    const started = new Set(chosen.filter((one) => this.#start(one, now)));
    if (started.size > 0) this.waiting = this.waiting.filter((one) => !started.has(one));
    return preempted.size + started.size > 0;
  }

  #preempt(one: Task, now: number): void {
    this.#nodes.release(one.shares ?? []);
    one.shares = undefined;
    one.left += this.#overhead(one.job.width);
    one.preemptions++;
    one.since = now;
    this.waiting.push(one);
  }

  /** False where the nodes have no room for it: fragmentation. */
  #start(one: Task, now: number): boolean {
    one.shares = this.#nodes.place(one.job.width);
    if (one.shares === undefined) return false;
    one.waited += now - one.since;
    this.running.push(one);
    return true;
  }
}
