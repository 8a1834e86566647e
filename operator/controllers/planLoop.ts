/**
 * The planning loop: one planner, one thread of decisions. Changes are gathered for a moment, then one plan is made; what
 * it says of each job is kept until the job's own controller has acted on it. A start counts as charged from the moment it
 * is decided, so that the next plan cannot give the same room away; a restart loses only that memory and plans anew.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '../core/lifecycle/types.ts';
import { isLoud, isNews } from '../core/lifecycle/waiting.ts';
import type { Change, Node, Plan, Resources, Snapshot, Wait } from '../core/model.ts';
import { changesOf, Planner } from '../core/plan/planner.ts';
import type { Policy } from '../core/plan/policy.ts';
import type { Clock } from '../kube/ports.ts';
import { Alarm } from './alarm.ts';
import { Breath } from './breath.ts';
import { Gatherer } from './gather/gatherer.ts';
import type { Forecast } from './gather/jobSide.ts';
import { Hindsight } from './hindsight.ts';
import { Trickle } from './trickle.ts';
import type { World } from './world.ts';

/** Without any change a plan is made this often, for what only time moves. Milliseconds. */
const TICK = 30_000;

/**
 * To say of thousands why they wait takes a while, and is not needed after every plan: it waits this many times as long as
 * it took the last time, and no longer than `TELL_PERIOD` milliseconds.
 */
const TELL_PAUSE = 4;
const TELL_PERIOD = 1_000;

/** Waiting jobs whose position or estimate alone has moved: so many are woken a second, for no more are written. */
export const SHIFTS_PER_SECOND = 20;

/** A plan, what it was made by, and when; seconds since the epoch. */
type Latest = { readonly now: number; readonly plan: Plan; readonly policy: Policy };

/** What the outside hears of a plan. */
type Made = { readonly starts: number; readonly waiting: number; readonly seconds: number };

export type PlanLoopOptions = {
  world: World;
  policy: Policy;
  clock: Clock;
  /** Absent: gangs are planned by their walltimes. */
  forecast?: Forecast;
  /** Told which jobs the plan has news for. */
  enqueue: (key: string) => void;
  /** Told which nodes and queues have changed, in ways that concern a gang. */
  onPlatform: (nodes: ReadonlySet<string>, queues: ReadonlySet<string>) => void;
  onPlan: (made: Made) => void;
};

export class PlanLoop {
  readonly #options: PlanLoopOptions;
  readonly #gatherer: Gatherer;
  #planner: Planner;
  /** By what the next plan is made. */
  #policy: Policy;
  readonly #hindsight = new Hindsight();
  readonly #alarm: Alarm;
  readonly #breath: Breath;
  readonly #shifts: Trickle;
  #latest: Latest | undefined;
  #plans = 0;
  /** When the latest plan was made; monotonic milliseconds. */
  #plannedAt = Number.NEGATIVE_INFINITY;
  /** When the jobs may be told of a plan again, and whether there is one that they were not told of. */
  #tellAt = Number.NEGATIVE_INFINITY;
  #untold = false;
  /** What was last said of those who wait, and of which generation of the job. */
  #waits = new Map<string, { readonly wait: Wait; readonly generation: number | undefined }>();

  constructor(options: PlanLoopOptions) {
    this.#options = options;
    this.#gatherer = new Gatherer(options.world, options.forecast);
    this.#policy = options.policy;
    this.#planner = new Planner(options.policy);
    this.#alarm = new Alarm(options.clock);
    this.#breath = new Breath(options.clock);
    this.#shifts = new Trickle(options.clock, SHIFTS_PER_SECOND, options.enqueue);
  }

  /** What the latest plan that was read says of this generation of a job; undefined when it has not been looked at. */
  verdict(uid: string, generation: number): Verdict | undefined {
    const assumed = this.#gatherer.assumed(uid);
    if (assumed) {
      const { start, gang, attempt } = assumed;
      const { time } = gang;
      const request = gang.parts[0]?.request ?? {};
      const planned = { request, attempt, generation: assumed.generation };
      return { start: { ...start, ...planned, ...(time !== undefined && { time }) } };
    }
    const said = this.#waits.get(uid);
    return said?.generation === generation ? { wait: said.wait } : undefined;
  }

  /** What is free on `node` beside the job, as the latest plan saw it. */
  freeOn(node: Node, uid: string): Resources {
    return this.#gatherer.told.freeOn(node, uid);
  }

  /** How many plans were made. */
  get plans(): number {
    return this.#plans;
  }

  /** What the latest plan saw, who it starts, and what was last said of those who wait: for figures. */
  view(): { readonly snapshot: Snapshot; readonly plan: Pick<Plan, 'starts' | 'waits'> } {
    const starts = this.#latest?.plan.starts ?? [];
    return {
      snapshot: this.#gatherer.told.snapshot(),
      plan: { starts, waits: [...this.#waits.values()].map(({ wait }) => wait) },
    };
  }

  /** The latest plan in full, with what it was made from; undefined before the first. */
  get latest(): (Latest & { readonly snapshot: Snapshot }) | undefined {
    return this.#latest && { ...this.#latest, snapshot: this.#gatherer.told.snapshot() };
  }

  /** Plans are to use predictions, or not any more. */
  forecastsChanged(): void {
    this.#gatherer.touchJobs();
    this.#alarm.changed();
  }

  /** Plans are made by this policy from now on. What was decided stays decided, also where it is not yet written. */
  usePolicy(policy: Policy): void {
    if (isDeepStrictEqual(policy, this.#policy)) return;
    this.#policy = policy;
    this.#alarm.changed();
  }

  /** A start could not be written down: its room is free again. */
  reject(uid: string): void {
    this.#gatherer.reject(uid);
    this.#alarm.changed();
  }

  /** Plans until `signal` aborts. The world must be synced. */
  async run(signal: AbortSignal): Promise<void> {
    const end = this.#gatherer.follow(() => this.#alarm.changed());
    this.#alarm.changed();
    try {
      while (!signal.aborted) {
        await this.#alarm.sleep(this.#untilNext(), signal);
        if (!signal.aborted) await this.#round(signal);
      }
    } finally {
      end();
      this.#shifts.stop();
    }
  }

  /** Milliseconds until the clock alone makes a difference. */
  #untilNext(): number {
    const { clock } = this.#options;
    const monotonic = clock.monotonic();
    const deadline = (this.#gatherer.nextDeadline - clock.now() / 1000) * 1000 + 1;
    const telling = this.#untold ? this.#tellAt - monotonic : TICK;
    return Math.max(1, Math.min(this.#plannedAt + TICK - monotonic, deadline, telling));
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const now = clock.now() / 1000;
    const { changes, due } = await this.#breath.through(this.#gatherer.gather(now));
    if (signal.aborted) return;
    const isOther = this.#planner.policy !== this.#policy;
    if (changes.length > 0 || due || isOther || clock.monotonic() >= this.#plannedAt + TICK) this.#plan(changes, now);
    if (this.#breath.spent) await this.#breath.take();
    if (this.#latest && this.#untold && clock.monotonic() >= this.#tellAt) await this.#tell(this.#latest);
  }

  #plan(changes: readonly Change[], now: number): void {
    const { clock, enqueue, onPlan } = this.#options;
    this.#tellPlatform(changes);
    const began = clock.monotonic();
    const news = [...changes, ...this.#hindsight.takeNews()];
    this.#gatherer.told.note(news);
    this.#tellPlanner(news);
    const plan = this.#planner.plan(now);
    this.#latest = { now, plan, policy: this.#planner.policy };
    this.#plannedAt = clock.monotonic();
    this.#plans += 1;
    this.#untold = true;
    for (const start of plan.starts) {
      const key = this.#gatherer.assume(start, now);
      this.#waits.delete(start.uid);
      this.#hindsight.started(start.uid, now);
      if (key !== undefined) enqueue(key);
    }
    const { length: waiting } = this.#planner.held;
    onPlan({ starts: plan.starts.length, waiting, seconds: (this.#plannedAt - began) / 1000 });
  }

  /**
   * Another policy takes another planner, told of the same world. Decided starts are part of it: they were gathered as
   * charged before, so that none is decided twice and none is lost.
   */
  #tellPlanner(news: readonly Change[]): void {
    if (this.#planner.policy === this.#policy) return this.#planner.apply(news);
    this.#planner = new Planner(this.#policy);
    this.#planner.apply(changesOf(this.#gatherer.told.snapshot()));
  }

  #tellPlatform(changes: readonly Change[]): void {
    const names = (kind: Change['kind']) => new Set(changes.filter((c) => c.kind === kind).map(({ name }) => name));
    const [nodes, queues] = [names('node'), names('queue')];
    if (nodes.size + queues.size > 0) this.#options.onPlatform(nodes, queues);
  }

  async #tell({ now, plan }: { now: number; plan: Plan }): Promise<void> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    this.#untold = false;
    const { planned } = plan;
    if (this.#breath.spent) await this.#breath.take();
    const { waits } = plan;
    if (this.#breath.spent) await this.#breath.take();
    this.#hindsight.told({ planned, waits }, now);
    this.#waits = new Map(waits.map((wait) => [wait.uid, { wait, generation: this.#gatherer.generationOf(wait.uid) }]));
    await this.#breath.through(this.#wake(waits, now));
    const ended = clock.monotonic();
    this.#tellAt = ended + Math.min(TELL_PERIOD, TELL_PAUSE * (ended - began));
  }

  /** Wakes the jobs for which the plan has news: thousands may wait with nothing new to be said of them. */
  *#wake(waits: Plan['waits'], now: number): Generator<undefined, void> {
    const { world, enqueue } = this.#options;
    for (const wait of waits) {
      const key = this.#gatherer.keyOf(wait.uid);
      const resource = key === undefined ? undefined : world.jobResource(key);
      if (key !== undefined && resource) {
        const job = world.job(resource);
        if (isNews(job, wait)) enqueue(key);
        else if (isLoud(job, wait, now)) this.#shifts.add(key);
        else this.#shifts.delete(key);
      }
      yield;
    }
  }
}
