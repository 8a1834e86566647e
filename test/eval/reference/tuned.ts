/**
 * Reservations in a profile on one flat pool, with promotion and hold-back: the family of policies whose scalars are tuned.
 * Written apart from the product's planner, small and fast enough for a search.
 */
import type { PlanPolicy } from '../planRun.ts';
import { ExpectedEnds } from './expected.ts';
import { LongJobs } from './holdBack.ts';
import type { ReferenceJob } from './job.ts';
import { type Demand, Profile } from './profile.ts';
import { Queue, type Waiting } from './queue.ts';
import { type Machine, replay, type Scheduler, type Start } from './replay.ts';
import type { Score } from './scores.ts';

export type TunedPolicy = Pick<PlanPolicy, 'score' | 'promote' | 'holdBack'> & {
  /** Jobs that cannot start and hold a place. */
  readonly reservations: number;
  /** Order in which the jobs behind the last of those are tried; absent: that of the score. */
  readonly candidates?: Score;
  /** A job that only the hold-back stops reserves the moment at which its share comes free, or is passed over. */
  readonly heldBack?: 'reserves' | 'skipped';
};

/** One look at the queue. As long as nothing is reserved, room only grows: only then is a profile needed. */
type Pass = { readonly now: number; readonly machine: Machine; readonly started: Set<Waiting>; profile?: Profile };

class TunedScheduler implements Scheduler {
  readonly #policy: TunedPolicy;
  readonly #queue: Queue;
  readonly #long: LongJobs;
  readonly #running = new ExpectedEnds();

  constructor(policy: TunedPolicy, processors: number) {
    this.#policy = policy;
    this.#queue = new Queue(policy.score, policy.promote);
    this.#long = new LongJobs(policy.holdBack, processors);
  }

  arrive(job: ReferenceJob): void {
    this.#queue.add(job);
  }

  pass(now: number, machine: Machine): void {
    if (this.#queue.length === 0 || machine.free === 0) return;
    this.#running.refresh(now, machine.running);
    const pass: Pass = { now, machine, started: new Set() };
    const order = this.#queue.inOrder(now);
    let next = 0;
    for (let left = this.#policy.reservations; left > 0 && next < order.length && machine.free > 0; next++) {
      const one = order[next] as Waiting;
      if (!this.#start(one, pass) && this.#reserve(one, pass)) left--;
    }
    for (const one of this.#behind(order.slice(next), now)) {
      if (machine.free === 0) break;
      this.#start(one, pass);
    }
    this.#queue.remove(pass.started);
  }

  #behind(rest: Waiting[], now: number): readonly Waiting[] {
    const { candidates } = this.#policy;
    return candidates === undefined
      ? rest
      : rest.sort((a, b) => candidates(a.job, now) - candidates(b.job, now) || a.job.index - b.job.index);
  }

  #demand(job: ReferenceJob): Demand {
    return {
      width: job.width,
      long: this.#long.taken(job, 0),
      boundUntil: this.#long.boundUntil(job),
      seconds: job.estimate,
    };
  }

  /** Starts the job if it moves no reservation. */
  #start(one: Waiting, { now, machine, started, profile }: Pass): boolean {
    const { job } = one;
    if (job.width > machine.free) return false;
    const demand = this.#demand(job);
    const fits = profile?.fitsNow(demand) ?? (now > demand.boundUntil || demand.long <= this.#budget(now));
    if (!fits) return false;
    profile?.takeNow(demand);
    machine.start(job);
    this.#running.started(job, now);
    started.add(one);
    return true;
  }

  /** False where the job is passed over, and where it never fits. */
  #reserve({ job }: Waiting, pass: Pass): boolean {
    const { now, machine } = pass;
    const demand = this.#demand(job);
    const profile = (pass.profile ??= this.#profile(now, machine.free));
    if (this.#policy.heldBack !== 'skipped') return profile.reserve(demand) < Number.POSITIVE_INFINITY;
    const unbound = { ...demand, boundUntil: Number.NEGATIVE_INFINITY };
    return !profile.fitsNow(unbound) && profile.reserve(unbound) < Number.POSITIVE_INFINITY;
  }

  #budget(now: number): number {
    return this.#long.budget(this.#running.list, now);
  }

  #profile(now: number, free: number): Profile {
    const profile = new Profile(now, free, this.#budget(now));
    for (const { job, start, end } of this.#running.list)
      profile.release(end, job.width, this.#long.taken(job, now - start));
    return profile;
  }
}

/** Replays `jobs` (by submit time) on one pool of `processors`; the starts are in the order in which they were decided. */
export function tuned(jobs: readonly ReferenceJob[], processors: number, policy: TunedPolicy): readonly Start[] {
  return replay(jobs, processors, new TunedScheduler(policy, processors));
}
