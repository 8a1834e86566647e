/** One job at a time: gather what is known of it, let the core decide, perform the effects. */
import type { JobStatus } from '../../crds/jobStatus.ts';
import type { PredictionStatus } from '../../crds/prediction.ts';
import type { Job } from '../core/job.ts';
import { holdsRoom, isTerminal } from '../core/lifecycle/conditions.ts';
import { decide } from '../core/lifecycle/decide.ts';
import type { NodeView, Observed, Refusal, Settings, Verdict } from '../core/lifecycle/types.ts';
import { chooseWay, type Way } from '../core/lifecycle/way.ts';
import { Controller, type ReconcileContext, type ReconcileResult } from '../kube/controller.ts';
import { ConflictError, isRefusal, NotFoundError } from '../kube/errors.ts';
import type { Fresh } from '../kube/fresh.ts';
import type { Clock, Log, Meter } from '../kube/ports.ts';
import { TokenBucket } from '../kube/tokenBucket.ts';
import { Breath } from './breath.ts';
import { execute } from './execute.ts';
import { type FreeOn, nodeRefusal } from './fitness.ts';
import type { Performer } from './perform.ts';
import { type PlanLoop, SHIFTS_PER_SECOND } from './planLoop.ts';
import type { PodGroups } from './podGroups.ts';
import { ownerKeys, ownerUid, viewPod } from './podView.ts';
import { StartWindow, unboundOf } from './startWindow.ts';
import { jobKey, type World } from './world.ts';

/** Milliseconds until a job is looked at again of which too many moved by position or estimate alone. */
const THROTTLED = 5_000;

/** Milliseconds between two tries at most: a gang that holds accelerators must not wait long after an outage is over. */
const MAX_DELAY = 10_000;

export type JobsOptions = {
  world: World;
  planner: PlanLoop;
  performer: Performer;
  podGroups: Pick<PodGroups, 'usable'>;
  /** What was predicted of a job at its submission. */
  prediction?: (job: Job) => PredictionStatus | undefined;
  fresh: Fresh;
  settings: Settings;
  clock: Clock;
  log: Log;
  meter: Meter;
};

export class JobController {
  readonly controller: Controller;
  readonly #options: JobsOptions;
  readonly #shifts: TokenBucket;
  readonly #breath: Breath;
  readonly #window: StartWindow;
  /** What the API server refused, by job, until the attempt it concerns has ended. */
  readonly #refusals = new Map<string, Refusal>();
  /** The version of each job over which a write was last refused. */
  readonly #conflicts = new Map<string, string>();
  /** UID last seen under each key: what was remembered of it goes with it. */
  readonly #uids = new Map<string, string>();

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#shifts = new TokenBucket(options.clock, SHIFTS_PER_SECOND, SHIFTS_PER_SECOND);
    const { world, log, meter, clock } = options;
    this.#breath = new Breath(clock);
    this.controller = new Controller({
      name: 'job',
      concurrency: 16,
      queue: { maxDelay: MAX_DELAY },
      clock,
      log,
      meter,
      reconcile: (key, context) => this.#reconcile(key, context),
    })
      .watches(world.simulations, ({ object }) => [jobKey(object)])
      .watches(world.trainings, ({ object }) => [jobKey(object)])
      .watches(world.pods, ({ object }) => ownerKeys(object));
    this.#window = new StartWindow((key) => this.controller.enqueue(key));
  }

  /** Every job is looked at: what is known of all of them has changed. */
  everythingChanged(): void {
    const { simulations, trainings } = this.#options.world;
    for (const job of [...simulations.list(), ...trainings.list()]) this.controller.enqueue(jobKey(job));
  }

  /** The gangs on the nodes and those charged to the queues, which may be draining, are looked at. */
  platformChanged(nodes: ReadonlySet<string>, queues: ReadonlySet<string>): void {
    for (const resource of this.#options.world.jobResources()) {
      const { state, assignment } = resource.status ?? {};
      if (!assignment || !holdsRoom(state)) continue;
      if (queues.has(assignment.queue) || assignment.placements.some(({ node }) => nodes.has(node)))
        this.controller.enqueue(jobKey(resource));
    }
  }

  async #reconcile(key: string, { log, signal }: ReconcileContext): Promise<ReconcileResult> {
    const { world, fresh, performer, planner, clock } = this.#options;
    // Thousands of jobs of which nothing is to be done wait for nobody.
    if (this.#breath.spent) await this.#breath.take();
    const freshness = fresh.check(key);
    if (freshness.state === 'stale') return { requeueAfter: freshness.retryAfter };
    const resource = world.jobResource(key);
    await this.#sweep(key, signal);
    if (!resource) return this.#gone(key);
    const job = world.job(resource);
    this.#remember(key, job.uid);
    const now = clock.now() / 1000;
    const seen = this.#observe(job);
    const { status: next, effects } = decide(seen, now);
    // A new reason is told at once; a shift of position or estimate has time.
    const shifts = effects.some((e) => e.type === 'PatchStatus' && isShift(job.status, e.status));
    if (shifts && !this.#shifts.tryTake()) return { requeueAfter: THROTTLED };

    const starting =
      effects.some((e) => e.type === 'PatchStatus' && e.status.state === 'Admitted') && !holdsRoom(job.status.state);
    if (starting && !this.#window.admits(key)) return { requeueAfter: THROTTLED };
    this.#window.note(key, unboundOf(seen.pods, next));
    try {
      const done = await execute(effects, { key, resource, job, now, log, signal }, performer);
      if (done.refusal) {
        this.#refusals.set(job.uid, done.refusal);
        return { requeueAfter: 50 };
      }
      return done.requeueAfter === undefined ? undefined : { requeueAfter: done.requeueAfter };
    } catch (error) {
      // Only what surely was not written: a reply may be lost of a write that was done. So a conflict is none: the version may
      // be another because our own write was done and its reply, or the event of it, has not come.
      if (starting && isRefusal(error)) planner.reject(job.uid);
      // Someone changed the object since it was read, or deleted it: its event is on the way.
      if (error instanceof ConflictError || error instanceof NotFoundError) {
        log.debug('the job changed while it was decided', { error: error.message });
        return { requeueAfter: this.#again(key, resource.metadata.resourceVersion) };
      }
      throw error;
    }
  }

  /** Milliseconds until a job is decided again after a conflict: over the same version as before, its event is late. */
  #again(key: string, version = ''): number {
    const isLate = this.#conflicts.get(key) === version;
    this.#conflicts.set(key, version);
    return isLate ? 1_000 : 100;
  }

  /** What was remembered of a job goes with it, also when another took its name before anyone looked. */
  #remember(key: string, uid: string | undefined): void {
    const before = this.#uids.get(key);
    if (before !== undefined && before !== uid) {
      this.#refusals.delete(before);
      this.#options.performer.forget(before);
    }
    if (uid === undefined) this.#uids.delete(key);
    else this.#uids.set(key, uid);
  }

  /** Pods that lost their owner reference just before their job went: no job is left to be decided, and no collector knows them. */
  async #sweep(key: string, signal: AbortSignal): Promise<void> {
    const { world, performer } = this.#options;
    const [, namespace = '', name = ''] = key.split('/');
    for (const pod of world.pods.by('disowned', `${namespace}/${name}`)) {
      const isOwners = (owner: string): boolean => world.jobResource(owner)?.metadata.uid === ownerUid(pod);
      if (pod.metadata.deletionTimestamp !== undefined || ownerKeys(pod).some(isOwners)) continue;
      await performer.deletePod({ namespace, name: pod.metadata.name }, { uid: pod.metadata.uid, signal });
    }
  }

  #gone(key: string): undefined {
    this.#remember(key, undefined);
    this.#conflicts.delete(key);
    this.#options.fresh.forget(key);
    this.#window.note(key, 0);
    return undefined;
  }

  #observe(job: Job): Observed {
    const { world, planner, settings } = this.#options;
    const isNew = job.status.prediction === undefined && !holdsRoom(job.status.state) && !isTerminal(job.status.state);
    const prediction = isNew ? this.#options.prediction?.(job) : undefined;
    const refusal = this.#refusals.get(job.uid);
    const verdict = holdsRoom(job.status.state) ? undefined : planner.verdict(job.uid, job.generation);
    const queue = world.queues.get(job.status.assignment?.queue ?? '');
    return {
      job,
      pods: world.pods.by('job', job.uid).map(viewPod),
      nodes: this.#nodes(job),
      draining: queue?.spec.state === 'draining',
      settings,
      ...(verdict && { verdict, way: this.#way(verdict) }),
      ...(refusal && { refusal }),
      ...(prediction && { prediction }),
    };
  }

  #way(verdict: Verdict): Way {
    const pool = 'start' in verdict ? this.#options.world.pools.get(verdict.start.parts[0]?.pool ?? '') : undefined;
    return chooseWay({ sharing: pool?.spec.sharing ?? 'shared', podGroups: this.#options.podGroups.usable });
  }

  #nodes(job: Job): Record<string, NodeView> {
    const { world, planner } = this.#options;
    const { assignment, state } = job.status;
    if (!assignment || !holdsRoom(state)) return {};
    const freeOn: FreeOn = (node, uid) => planner.freeOn(node, uid);
    const views = assignment.placements.map(({ node: name }): [string, NodeView] => {
      const node = world.nodes.get(name);
      if (!node) return [name, { exists: false, ready: false }];
      const ready = (node.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
      const refusal = state === 'Admitted' ? nodeRefusal(world, freeOn, job, assignment, name) : undefined;
      return [name, { exists: true, ready, ...(refusal !== undefined && { refusal }) }];
    });
    return Object.fromEntries(views);
  }
}

function isShift(before: JobStatus, after: JobStatus): boolean {
  return after.position !== undefined && before.state === after.state && before.reason === after.reason;
}
