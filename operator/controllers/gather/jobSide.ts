/** What the planner is told of jobs, and of the pods that are none of theirs. */
import type { Job } from '../../core/job.ts';
import { isTerminal } from '../../core/lifecycle/conditions.ts';
import type { Prediction, Start } from '../../core/model.ts';
import { LABEL } from '../../core/names.ts';
import { podRequests } from '../podRequests.ts';
import { isOverPod, ownerUid } from '../podView.ts';
import type { Pod } from '../resources.ts';
import type { World } from '../world.ts';
import { Deadlines } from './deadlines.ts';
import { ForeignRoom } from './foreignRoom.ts';
import { type Accelerator, type Assumed, standingOf, stillAssumed } from './gangs.ts';
import type { Tell, Told } from './told.ts';
import type { Touched } from './touched.ts';

/** A job that waits or is charged, as it was when that was worked out. */
type Followed = {
  readonly uid: string;
  readonly generation: number;
  readonly attempts: number;
  readonly queue: string | undefined;
  /** The attempt whose pods are counted through the job, as its label. */
  readonly attempt: string | undefined;
};

/** What is known of a job's run time; empty: only its walltime. */
export type Forecast = (job: Job) => readonly Prediction[];

export class JobSide {
  /** Of jobs: back-offs, avoided nodes, starts that nobody writes. */
  readonly deadlines = new Deadlines();
  readonly foreign = new ForeignRoom();
  readonly #world: World;
  readonly #touched: Touched;
  readonly #told: Told;
  readonly #tell: Tell;
  readonly #forecast: Forecast;
  /** By key. */
  readonly #followed = new Map<string, Followed>();
  /** Keys of followed jobs, by UID. */
  readonly #keys = new Map<string, string>();
  readonly #assumed = new Map<string, Assumed>();

  constructor(world: World, touched: Touched, told: Told, tell: Tell, forecast: Forecast) {
    this.#world = world;
    this.#touched = touched;
    this.#told = told;
    this.#tell = tell;
    this.#forecast = forecast;
  }

  /** Generation of the job that the plan was last told of. */
  generationOf(uid: string): number | undefined {
    return this.#followed.get(this.#keys.get(uid) ?? '')?.generation;
  }

  /** Key of a job that waits or is charged. */
  keyOf(uid: string): string | undefined {
    return this.#keys.get(uid);
  }

  /** The start of the job that was decided and is not yet written. */
  assumed(uid: string): Assumed | undefined {
    return this.#assumed.get(uid);
  }

  /** A start was decided at `since`: its gang counts as charged from now on, whatever the store shows. Answers its job's key. */
  assume(start: Start, since: number): string | undefined {
    const { uid } = start;
    const key = this.#keys.get(uid);
    const job = key === undefined ? undefined : this.#followed.get(key);
    const gang = this.#told.waiting(uid);
    if (key === undefined || !gang || !job) return undefined;
    const { generation, attempts } = job;
    this.#assumed.set(uid, { gang, start, attempt: attempts + 1, generation, since });
    this.#touched.jobs.add(key);
    return key;
  }

  /** A start cannot be written down: its gang waits again. */
  reject(uid: string): void {
    this.#assumed.delete(uid);
    const key = this.#keys.get(uid);
    if (key !== undefined) this.#touched.jobs.add(key);
  }

  /** Touches the jobs that wait or are charged; those of one queue if it is given. */
  touchAll(queue?: string): void {
    for (const [key, job] of this.#followed) {
      if (queue === undefined || job.queue === queue) this.#touched.jobs.add(key);
    }
  }

  job(key: string, accelerators: readonly Accelerator[], now: number): void {
    const resource = this.#world.jobResource(key);
    const job = resource && this.#world.job(resource);
    const before = this.#followed.get(key);
    // Another may have taken the name of one that was deleted.
    if (before && before.uid !== job?.uid) this.#leave(key, before);
    if (job) this.#follow(key, job, accelerators, now);
  }

  #follow(key: string, job: Job, accelerators: readonly Accelerator[], now: number): void {
    const { uid, generation, program, status } = job;
    const queue = program?.spec.queue;
    const around = {
      queue: queue === undefined ? undefined : this.#world.queues.get(queue)?.spec,
      accelerators,
      pods: this.#world.pods.by('job', uid),
      assumed: this.#stillAssumed(job, now),
      predictions: isTerminal(status.state) ? [] : this.#forecast(job),
    };
    const { waiting, charged, attempt, changesAt } = standingOf(job, around, now);
    this.#tell('waiting', uid, waiting);
    this.#tell('charged', uid, charged);
    this.deadlines.set(key, changesAt);
    if (this.#followed.get(key)?.attempt !== attempt) this.#touched.podsOf(uid);
    if (!waiting && !charged) return this.#forget(key, uid);
    this.#followed.set(key, { uid, generation, attempts: status.attempts ?? 0, queue, attempt });
    this.#keys.set(uid, key);
  }

  #stillAssumed(job: Job, now: number): Assumed | undefined {
    const assumed = this.#assumed.get(job.uid);
    if (!assumed || stillAssumed(assumed, job, now)) return assumed;
    this.#assumed.delete(job.uid);
    return undefined;
  }

  /** A job is gone: nothing is kept of it. */
  #leave(key: string, { uid, attempt }: Followed): void {
    this.#tell('waiting', uid, undefined);
    this.#tell('charged', uid, undefined);
    this.#forget(key, uid);
    this.#assumed.delete(uid);
    this.deadlines.set(key, undefined);
    if (attempt !== undefined) this.#touched.podsOf(uid);
  }

  #forget(key: string, uid: string): void {
    this.#followed.delete(key);
    this.#keys.delete(uid);
  }

  pod(key: string): void {
    const pod = this.#world.pods.get(key);
    const node = pod?.spec?.nodeName;
    const holds = pod && node !== undefined && !isOverPod(pod) && !this.#isCounted(pod);
    this.foreign.set(key, holds ? { node, requests: podRequests(pod) } : undefined);
  }

  /** Whether the pod is a member of the attempt that its job is charged for. */
  #isCounted(pod: Pod): boolean {
    const job = this.#followed.get(this.#keys.get(ownerUid(pod) ?? '') ?? '');
    if (job?.attempt === undefined) return false;
    return job.attempt === pod.metadata.labels?.[LABEL.attempt];
  }
}
