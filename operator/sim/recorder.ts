/** Keeps what a run yields, and watches that nothing impossible happens. */
import type { Plan, Start, WaitingGang } from '../core/model.ts';
import { Calibrator, interval } from '../core/plan/calibration.ts';
import type { Planner } from '../core/plan/planner.ts';
import { predictionFor, runOf } from '../core/plan/runtime.ts';
import type { Live, Setup } from './engine.ts';
import { widthOf } from './gangs.ts';
import { RACK } from './machine.ts';
import { Occupancy } from './occupancy.ts';
import type { EtaInterval, JobLife, JobResult, Quantiles, RunResult, SeriesPoint } from './results.ts';

export type Recording = {
  /** The estimated start of every job that has to wait, as given at its submission. */
  readonly eta?: boolean;
  /** Seconds that each job waited for each reason. */
  readonly reasons?: boolean;
  /** State of the pools at most every so many seconds; absent: not kept. */
  readonly series?: number;
};

/** What is known of a job until it has ended. */
type Draft = {
  readonly eligible: number;
  readonly predicted: Quantiles;
  readonly planBy: number;
  /** Start that was planned when it came. */
  planned?: number;
  start?: Pick<JobResult, 'start' | 'placements' | 'pools' | 'domains' | 'startedBy' | 'orderKey'>;
  reservation?: { first: number; last: number; moved: number };
  eta?: EtaInterval;
  reason?: string;
  since: number;
  readonly reasons: Record<string, number>;
};

/** What has not started at the end: jobs that wait, and those that wait for others to end, by the id of one of those. */
type Left = { readonly waiting: readonly Live[]; readonly after: ReadonlyMap<string, readonly Live[]> };

/** Sentences about broken invariants that are kept; one is enough to fail a run. */
const KEPT = 100;

export class Recorder {
  readonly #setup: Setup;
  readonly #record: Recording;
  readonly #drafts = new Map<string, Draft>();
  readonly #jobs: JobResult[] = [];
  readonly #series: SeriesPoint[] = [];
  readonly #broken: string[] = [];
  readonly #occupancy: Occupancy;
  readonly #fresh: string[] = [];
  readonly #calibrator = new Calibrator();
  #sampled = Number.NEGATIVE_INFINITY;
  #running = 0;
  #anyDown = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#record = setup.record ?? {};
    this.#occupancy = new Occupancy(setup.machine, this.broken);
  }

  /** Told of a broken invariant in words. */
  readonly broken = (what: string): void => {
    if (this.#broken.length < KEPT) this.#broken.push(what);
  };

  /** Units that jobs hold, by node. */
  get used(): ReadonlyMap<string, number> {
    return this.#occupancy.used;
  }

  /** Whether any node is down from now on. */
  nodes(anyDown: boolean): void {
    this.#anyDown = anyDown;
  }

  arrived({ job, uid }: Live, gang: WaitingGang, now: number): void {
    const { policy } = this.#setup;
    const prediction = predictionFor(gang, gang.parts[0]?.pools?.[0], gang.parts[0]?.minMembers);
    const by = (q: 'q10' | 'q50' | 'q90') => runOf(gang, prediction, q, policy);
    const predicted = { q10: by('q10'), q50: by('q50'), q90: by('q90') };
    const planBy = runOf(gang, prediction, policy.planBy, policy);
    if (this.#drafts.has(uid)) this.broken(`job ${job.id} arrived twice`);
    this.#drafts.set(uid, { eligible: now, predicted, planBy, since: now, reasons: {} });
    if (this.#record.eta) this.#fresh.push(uid);
  }

  planned(plan: Plan, planner: Planner, now: number): void {
    for (const { uid, at } of plan.reservations) {
      const draft = this.#drafts.get(uid);
      if (!draft) continue;
      const held = (draft.reservation ??= { first: at, last: at, moved: 0 });
      if (at > held.last + 1) held.moved += 1;
      held.last = at;
    }
    if (this.#fresh.length > 0) this.#estimate(plan, now);
    if (this.#record.reasons) for (const { gang, reason } of planner.held) this.#because(gang.uid, reason, now);
    this.#watchIdle(plan, planner, now);
    this.#sample(plan, planner, now);
  }

  #watchIdle(plan: Plan, planner: Planner, now: number): void {
    const [head] = planner.held;
    const closed = this.#setup.maintenance?.some(({ from, until }) => from <= now && now < until) ?? false;
    const whole = !closed && !this.#anyDown && head?.gang.avoid.length === 0;
    if (this.#running === 0 && plan.starts.length === 0 && head?.cause === 'room' && whole) {
      this.broken(`at ${now} the machine is idle and ${head.gang.name} is said to lack room`);
    }
  }

  #estimate(plan: Plan, now: number): void {
    const started = new Set(plan.starts.map(({ uid }) => uid));
    const waiting = new Set(this.#fresh.splice(0).filter((uid) => !started.has(uid)));
    if (waiting.size === 0) return;
    for (const uid of waiting) {
      const draft = this.#drafts.get(uid);
      const planned = plan.planned.get(uid);
      if (!draft || planned === undefined) continue;
      draft.eta = { at: now, ...interval(planned, now, now, this.#calibrator.calibration) };
      draft.planned = planned;
    }
  }

  #because(uid: string, reason: string, now: number): void {
    const draft = this.#drafts.get(uid);
    if (!draft || draft.reason === reason) return;
    this.#settle(draft, now);
    draft.reason = reason;
  }

  #settle(draft: Draft, now: number): void {
    if (draft.reason !== undefined)
      draft.reasons[draft.reason] = (draft.reasons[draft.reason] ?? 0) + now - draft.since;
    draft.since = now;
  }

  #sample(plan: Plan, planner: Planner, now: number): void {
    const { series } = this.#record;
    if (series === undefined || now - this.#sampled < series) return;
    this.#sampled = now;
    this.#series.push(...this.#occupancy.points(now, planner.held.length, plan.reservations));
  }

  started({ job, uid }: Live, start: Start, planner: Planner, now: number): void {
    const draft = this.#drafts.get(uid);
    if (!draft || draft.start) return this.broken(`job ${job.id} started twice, or before it came`);
    if (now < job.submit) this.broken(`job ${job.id} started before it was submitted`);
    this.#settle(draft, now);
    if (draft.planned !== undefined) this.#calibrator.learn(draft.planned - draft.eligible, now - draft.eligible);
    this.#occupancy.take(uid, start, job, planner.waiting(uid)?.gang);
    this.#running += 1;
    const placements = start.parts.flatMap((part) =>
      part.placements.map(({ node, count }) => ({ node, members: count })),
    );
    draft.start = {
      start: now,
      placements,
      pools: [...new Set(start.parts.map(({ pool }) => pool))],
      domains: this.#occupancy.domains(placements, RACK),
      startedBy: start.by,
      orderKey: planner.waiting(uid)?.score ?? 0,
    };
  }

  /** An attempt is over and its job waits again: what it was promised before concerns its next start no more. */
  again({ job, uid }: Live, now: number): void {
    const draft = this.#drafts.get(uid);
    if (!draft?.start) return this.broken(`job ${job.id} lost an attempt without having started`);
    this.#occupancy.give(uid);
    this.#running -= 1;
    draft.since = now;
    delete draft.start;
    delete draft.planned;
    delete draft.reservation;
    delete draft.reason;
  }

  ended({ job, index, uid }: Live, now: number, life?: JobLife): void {
    const draft = this.#drafts.get(uid);
    if (!draft?.start) return this.broken(`job ${job.id} ended without having started`);
    this.#drafts.delete(uid);
    this.#occupancy.give(uid);
    this.#running -= 1;
    const { eligible, start, reservation, eta, predicted, planBy, reasons } = draft;
    this.#jobs.push({
      id: job.id,
      index,
      submit: job.submit,
      eligible,
      end: now,
      run: job.run,
      width: widthOf(job),
      queue: 'default',
      ...start,
      expired: job.run > planBy,
      reasons,
      predicted: { submit: predicted, start: predicted },
      ...(job.limit !== undefined && { limit: job.limit }),
      ...(job.user !== undefined && { user: job.user }),
      ...(reservation && { reservation }),
      ...(eta && { eta }),
      ...(life && { life }),
    });
  }

  result(left: Left, planner: Planner, millis: readonly number[]): RunResult {
    const waiting = new Map(left.waiting.map((live) => [live.uid, live]));
    const never: { id: string; reason: string; message: string }[] = [];
    for (const { gang, lasting, cause } of planner.held) {
      const live = waiting.get(gang.uid);
      if (!live) continue;
      if (lasting) never.push({ id: live.job.id, ...lasting });
      else this.broken(`job ${live.job.id} never started: ${cause}`);
    }
    for (const [parent, jobs] of left.after) {
      const message = `waits for job ${parent}, which never ends`;
      for (const { job } of jobs) never.push({ id: job.id, reason: 'DependencyNeverEnds', message });
    }
    const { machine, policy, estimates, workload } = this.#setup;
    const { format, records, dropped, adjusted } = workload;
    const sorted = millis.toSorted((a, b) => a - b);
    const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
    return {
      setup: { format, records, dropped, adjusted, machine, policy, estimates, queue: this.#setup.queue ?? {} },
      pools: this.#occupancy.sizes,
      jobs: this.#jobs.toSorted((a, b) => a.index - b.index),
      never,
      series: this.#series,
      broken: this.#broken,
      planMillis: { count: millis.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 },
    };
  }
}
