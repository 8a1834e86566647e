/**
 * The discrete-event engine: virtual time around the planner that the operator runs. It decides nothing itself: it tells
 * the planner what came and what ended, and does what the plan says. A gang that starts ends when its run time is over,
 * unless its life is to be simulated too: then that is decided where the operator decides it.
 */
import type { Change, Maintenance, Plan, Queue, Start } from '../core/model.ts';
import { Planner } from '../core/plan/planner.ts';
import type { Policy } from '../core/plan/policy.ts';
import { chargedBy, startChanges } from '../core/plan/started.ts';
import { Agenda } from './agenda.ts';
import { type Estimates, Estimator, type Forecaster } from './estimates.ts';
import { partsOf } from './gangs.ts';
import { Lives } from './life/lives.ts';
import type { Life } from './life/terms.ts';
import { type Machine, machineNodes, machinePools, SimulationInputError } from './machine.ts';
import { Recorder, type Recording } from './recorder.ts';
import type { JobLife, RunResult } from './results.ts';
import type { Workload, WorkloadJob } from './workload.ts';

export type Setup = {
  readonly workload: Workload;
  readonly machine: Machine;
  readonly policy: Policy;
  readonly estimates: Estimates;
  /** Makes what predicts where the estimates are learned: a new one for each run. */
  readonly forecaster?: () => Forecaster;
  /** What all jobs wait in; its name is `default`. */
  readonly queue?: Partial<Omit<Queue, 'name'>>;
  readonly maintenance?: readonly Maintenance[];
  /** How gangs live; absent: they come up at once, run as long as the trace says, and nothing fails. */
  readonly life?: Life;
  /** What is recorded beyond starts and ends; each costs time. */
  readonly record?: Recording;
  /** Milliseconds of a monotonic clock, to time the planner; absent: it is not timed. */
  readonly clock?: () => number;
  /** Told of every plan. */
  readonly onPlan?: (moment: Moment) => void;
  /** Told now and then how far it is, from 0 to 1. */
  readonly onProgress?: (share: number, now: number) => void;
};

export type Moment = {
  readonly now: number;
  readonly planner: Planner;
  readonly plan: Plan;
  /** What the planner was told since the moment before, the machine itself included: with it every plan can be made again. */
  readonly changes: readonly Change[];
};

/** A job that has come: its gang waits or runs. */
export type Live = { readonly job: WorkloadJob; readonly index: number; readonly uid: string };

/** Events between two words on progress. */
const PROGRESS = 5000;

/** Events between two looks at whether what nodes hold is what jobs are charged for. */
const AUDIT = 64;

export class Engine {
  readonly #setup: Setup;
  readonly #planner: Planner;
  readonly #forecaster: Forecaster;
  readonly #recorder: Recorder;
  readonly #ends = new Agenda<Live>();
  readonly #lives: Lives | undefined;
  readonly #waiting = new Map<string, Live>();
  /** Jobs that have come but must wait for others to end, by the id of one of those. */
  readonly #after = new Map<string, Live[]>();
  readonly #ended = new Set<string>();
  readonly #millis: number[] = [];
  #changes: Change[] = [];
  #next = 0;
  #events = 0;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#planner = new Planner(setup.policy);
    this.#forecaster = forecasterOf(setup);
    this.#recorder = new Recorder(setup);
    this.#lives = this.#livesOf(setup);
  }

  #livesOf({ life, machine, workload }: Setup): Lives | undefined {
    const recorder = this.#recorder;
    return (
      life &&
      new Lives(life, machine, workload, {
        changed: (change) => this.#changes.push(change),
        ended: (live, now, how) => this.#over(live, now, how),
        again: (live, now) => {
          this.#waiting.set(live.uid, live);
          recorder.again(live, now);
        },
        nodes: (anyDown) => recorder.nodes(anyDown),
        broken: recorder.broken,
      })
    );
  }

  /** Runs to the end of the workload. Throws SimulationInputError. */
  run(): RunResult {
    this.#changes = [...this.#opening()];
    let now = Number.NEGATIVE_INFINITY;
    for (;;) {
      const at = this.#nextTime(now);
      if (at === Number.POSITIVE_INFINITY) break;
      now = at;
      this.#end(now);
      this.#lives?.advance(now);
      this.#arrive(now);
      this.#plan(now);
      this.#events += 1;
      if (this.#events % AUDIT === 0) this.#lives?.audit(this.#recorder.used, now);
      if (this.#events % PROGRESS === 0)
        this.#setup.onProgress?.(this.#ended.size / this.#setup.workload.jobs.length, now);
    }
    this.#lives?.audit(this.#recorder.used, now);
    const left = { waiting: [...this.#waiting.values()], after: this.#after };
    return this.#recorder.result(left, this.#planner, this.#millis);
  }

  #opening(): readonly Change[] {
    const { machine, queue, maintenance = [] } = this.#setup;
    const value: Queue = { state: 'active', order: 'skipping', ...queue, name: 'default' };
    return [
      ...machineNodes(machine).map((value): Change => ({ kind: 'node', name: value.name, value })),
      ...machinePools(machine).map((value): Change => ({ kind: 'pool', name: value.name, value })),
      ...maintenance.map((value): Change => ({ kind: 'maintenance', name: value.name, value })),
      { kind: 'queue', name: 'default', value },
    ];
  }

  /** The next arrival, end, or edge of a maintenance; with nothing of that left, when a waiting gang may start by itself. */
  #nextTime(now: number): number {
    const { workload, maintenance = [] } = this.#setup;
    const arrival = workload.jobs[this.#next]?.submit ?? Number.POSITIVE_INFINITY;
    let next = Math.min(arrival, this.#ends.next, this.#lives?.next ?? Number.POSITIVE_INFINITY);
    for (const { from, until } of maintenance) for (const at of [from, until]) if (at > now) next = Math.min(next, at);
    return next === Number.POSITIVE_INFINITY ? this.#planner.wakeAt(now) : next;
  }

  #end(now: number): void {
    while (this.#ends.next <= now) {
      const live = this.#ends.take();
      if (!live) return;
      this.#changes.push({ kind: 'charged', name: live.uid });
      this.#over(live, now);
    }
  }

  #over(live: Live, now: number, life?: JobLife): void {
    const { job } = live;
    this.#forecaster.ended(job, life?.state === 'Failed' ? life.ran : job.run, now);
    this.#ended.add(job.id);
    this.#recorder.ended(live, now, life);
    const freed = this.#after.get(job.id) ?? [];
    this.#after.delete(job.id);
    for (const next of freed) this.#admit(next, now);
  }

  #arrive(now: number): void {
    const { jobs } = this.#setup.workload;
    for (; this.#next < jobs.length; this.#next += 1) {
      const job = jobs[this.#next] as WorkloadJob;
      if (job.submit > now) return;
      this.#admit({ job, index: this.#next, uid: String(this.#next).padStart(9, '0') }, now);
    }
  }

  /** Queues a job, or puts it aside until a job that it waits for has ended. */
  #admit(live: Live, now: number): void {
    const { job, uid } = live;
    const parent = job.after?.find((id) => !this.#ended.has(id));
    if (parent !== undefined) {
      this.#after.set(parent, [...(this.#after.get(parent) ?? []), live]);
      return;
    }
    const parts = partsOf(job, this.#setup.machine);
    if (parts.length === 0) throw new SimulationInputError(`job ${job.id} has no part; every job needs one`);
    const predictions = this.#forecaster.submitted(job, now);
    const gang = {
      uid,
      namespace: 'trace',
      name: job.id,
      queue: 'default',
      priority: job.priority ?? 0,
      submittedAt: job.submit,
      parts,
      avoid: [],
      predictions,
      ...(job.limit !== undefined && { time: job.limit }),
    };
    this.#waiting.set(uid, live);
    this.#recorder.arrived(live, gang, now);
    this.#lives?.came(live, gang);
    this.#changes.push({ kind: 'waiting', name: uid, value: gang });
  }

  #plan(now: number): void {
    const { clock, onPlan } = this.#setup;
    const planner = this.#planner;
    const began = clock?.() ?? 0;
    const changes = this.#changes;
    planner.apply(changes);
    const plan = planner.plan(now);
    const { starts } = plan;
    if (clock) this.#millis.push(clock() - began);
    this.#changes = [];
    this.#recorder.planned(plan, planner, now);
    if (onPlan) onPlan({ now, planner, plan, changes });
    for (const start of starts) this.#start(start, now);
  }

  #start(start: Start, now: number): void {
    const live = this.#waiting.get(start.uid);
    const gang = this.#planner.waiting(start.uid)?.gang;
    if (!live || !gang) throw new Error(`the plan starts ${start.uid}, which does not wait`);
    this.#waiting.delete(start.uid);
    this.#recorder.started(live, start, this.#planner, now);
    this.#forecaster.started(live.job, now);
    if (this.#lives) return this.#lives.start(start, now);
    this.#changes.push(...startChanges(chargedBy(gang, start, now)));
    this.#ends.add(now + live.job.run, live);
  }
}

function forecasterOf({ estimates, forecaster }: Setup): Forecaster {
  if (estimates !== 'learned') return new Estimator(estimates);
  if (!forecaster) throw new SimulationInputError('estimates are to be learned, but nothing was given that learns');
  return forecaster();
}
