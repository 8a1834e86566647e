/**
 * The planning loop: one planner, one thread of decisions. Changes are gathered for a moment, then one snapshot gives one
 * plan; what it says of each job is kept until the job's own controller has acted on it. A start counts as charged from the
 * moment it is decided, so that the next plan cannot give the same room away; a restart loses only that memory and plans anew.
 */
import { holdsRoom } from '../core/lifecycle/conditions.ts';
import type { Verdict } from '../core/lifecycle/types.ts';
import { isLoud } from '../core/lifecycle/waiting.ts';
import type { Plan, Snapshot } from '../core/model.ts';
import { plan } from '../core/plan.ts';
import type { Clock, Log } from '../kube/ports.ts';
import { type Assumed, gather } from './snapshot.ts';
import { jobKey, type World } from './world.ts';

/** What the outside hears of a plan. */
type PlanListener = (made: { snapshot: Snapshot; plan: Plan; seconds: number }) => void;

/** A start that nobody wrote down within this time is forgotten and decided anew. */
const ASSUME_SECONDS = 30;

/** After a change the planner waits this long for more of them, and no longer than `MAX_DELAY` in all. Milliseconds. */
const IDLE_DELAY = 10;
const MAX_DELAY = 100;

/** Without any change a plan is made this often, for what only time moves. Milliseconds. */
const TICK = 30_000;

export type PlannerOptions = {
  world: World;
  clock: Clock;
  log: Log;
  /** Told which jobs the plan has news for. */
  enqueue: (key: string) => void;
  onPlan: PlanListener;
};

export class Planner {
  readonly #options: PlannerOptions;
  readonly #assumed = new Map<string, Assumed>();
  #verdicts = new Map<string, Verdict>();
  #snapshot: Snapshot | undefined;
  #wake: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #firstChange: number | undefined;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** What the latest plan says of a job; undefined when it has not been looked at. */
  verdict(uid: string): Verdict | undefined {
    return this.#verdicts.get(uid);
  }

  /** What the latest plan saw. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** A start could not be written down: its room is free again. */
  reject(uid: string): void {
    this.#assumed.delete(uid);
    this.#verdicts.delete(uid);
    this.changed();
  }

  /** Something a plan depends on has changed. */
  changed(): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    this.#firstChange ??= now;
    this.#cancelIdle?.();
    const delay = Math.max(0, Math.min(IDLE_DELAY, this.#firstChange + MAX_DELAY - now));
    this.#cancelIdle = clock.after(delay, () => this.#wake?.());
  }

  /** Plans until `signal` aborts. The world must be synced. */
  async run(signal: AbortSignal): Promise<void> {
    this.changed();
    while (!signal.aborted) {
      await this.#nextChange(signal);
      if (signal.aborted) return;
      this.#firstChange = undefined;
      this.#plan();
    }
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const done = (): void => {
        cancelTick();
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const cancelTick = clock.after(this.#untilNext(), done);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  /** Milliseconds until the clock alone makes a difference: the end of a back-off, or the tick. */
  #untilNext(): number {
    const now = this.#options.clock.now() / 1000;
    let next = TICK;
    for (const resource of this.#options.world.jobResources()) {
      const at = resource.status?.requeueAt;
      const left = at === undefined ? Number.POSITIVE_INFINITY : (Date.parse(at) / 1000 - now) * 1000;
      if (left > 0 && left < next) next = left + 1;
    }
    return next;
  }

  #plan(): void {
    const { world, clock, enqueue, onPlan } = this.#options;
    const now = clock.now() / 1000;
    this.#forget(now);
    const began = clock.monotonic();
    const { snapshot, waiting } = gather(world, this.#assumed, now);
    this.#snapshot = snapshot;
    const made = plan(snapshot, now);
    const requests = new Map(snapshot.waiting.map((gang) => [gang.uid, gang]));
    const verdicts = new Map<string, Verdict>();

    for (const start of made.starts) {
      const gang = requests.get(start.uid);
      const resource = waiting.get(start.uid);
      if (!gang || !resource) continue;
      const { request, time } = gang;
      const attempt = (resource.status?.attempts ?? 0) + 1;
      const generation = resource.metadata.generation ?? 0;
      const assumed = { start, request, attempt, generation, since: now, ...(time !== undefined && { time }) };
      this.#assumed.set(start.uid, assumed);
    }
    for (const [uid, { start, since: _, ...planned }] of this.#assumed)
      verdicts.set(uid, { start: { ...start, ...planned } });
    for (const wait of made.waits) verdicts.set(wait.uid, { wait });
    this.#verdicts = verdicts;
    for (const [uid, resource] of waiting) {
      const verdict = verdicts.get(uid);
      // Thousands may wait with nothing new to be said of them.
      if (verdict && ('start' in verdict || isLoud(world.job(resource), verdict.wait, now))) enqueue(jobKey(resource));
    }
    onPlan({ snapshot, plan: made, seconds: (clock.monotonic() - began) / 1000 });
  }

  /** Drops assumptions that the store shows by now, that can no longer come true, or that are too old to be believed. */
  #forget(now: number): void {
    if (this.#assumed.size === 0) return;
    const { world } = this.#options;
    const jobs = new Map(world.jobResources().map((resource) => [resource.metadata.uid ?? '', world.job(resource)]));
    for (const [uid, { attempt, generation, since }] of this.#assumed) {
      const job = jobs.get(uid);
      const written = job && (job.status.attempts ?? 0) >= attempt;
      const overtaken = !job?.program || job.deleting || job.generation !== generation || holdsRoom(job.status.state);
      if (written || overtaken || now - since > ASSUME_SECONDS) this.#assumed.delete(uid);
    }
  }
}
