/**
 * The state of a live cluster continued in virtual time: running gangs end as predicted, waiting ones start when the
 * planner says so, and nobody else comes. As in the engine for traces, nothing is decided here.
 */
import type { Change, ChargedGang, Snapshot, Start, WaitingGang } from '../../core/model.ts';
import { changesOf, Planner } from '../../core/plan/planner.ts';
import type { Estimate, Policy } from '../../core/plan/policy.ts';
import { endOf, runOfParts } from '../../core/plan/runtime.ts';
import { chargedBy, startChanges } from '../../core/plan/started.ts';
import { Agenda } from '../agenda.ts';

export type ContinueOptions = {
  readonly snapshot: Snapshot;
  readonly now: number;
  readonly policy: Policy;
  /** Which of the predicted run times come true; the walltime where nothing is predicted. */
  readonly runs: Estimate;
  /** Run time of a gang of which nothing at all is known, seconds. */
  readonly unlimited: number;
  /** Seconds since the epoch after which nobody looks any more; absent: until all have started that can. */
  readonly until?: number;
  /** Told now and then which share of the waiting gangs has started. */
  readonly onProgress?: (share: number) => void;
};

/** What becomes of one waiting gang. */
export type Fate = {
  readonly gang: WaitingGang;
  /** Why it does not start at once; absent: it does. */
  readonly reason?: string;
  readonly message?: string;
  /** Absent: not before the end, or never as things stand. */
  readonly start?: Start;
  /** Seconds since the epoch. */
  readonly at?: number;
  /** Absent where it starts: what keeps it at the end. */
  readonly left?: { readonly reason: string; readonly message: string };
};

/** Looks in a row that changed nothing, with nothing else to come: then nothing will. */
const PATIENCE = 100;

/** Gangs whose fate is known between two words on progress. */
const PROGRESS = 50;

class Continuation {
  readonly #options: ContinueOptions;
  readonly #planner: Planner;
  /** What decides how long gangs really run: the same in every continuation that is compared. */
  readonly #truth: Policy;
  readonly #ends = new Agenda<string>();
  /** Ends of back-offs, and edges of maintenance, latest first. */
  readonly #edges: number[];
  readonly #starts = new Map<string, readonly [at: number, start: Start]>();
  #changes: Change[];
  #idle = 0;

  constructor(options: ContinueOptions) {
    const { snapshot, now, policy, unlimited } = options;
    this.#options = options;
    this.#planner = new Planner(policy);
    this.#truth = { ...policy, unlimited };
    this.#changes = [...changesOf(snapshot)];
    for (const gang of snapshot.charged) this.#ends.add(endOf(gang, this.#runOf(gang), now), gang.uid);
    const edges = [
      ...snapshot.maintenance.flatMap(({ from, until }) => [from, until]),
      ...snapshot.waiting.map(({ notBefore = now }) => notBefore),
    ];
    this.#edges = edges.toSorted((a, b) => b - a);
  }

  #runOf(gang: Pick<ChargedGang, 'parts' | 'time' | 'predictions'>): number {
    return runOfParts(gang, gang.parts, this.#options.runs, this.#truth);
  }

  /** What becomes of the waiting gangs, in the planner's order at the beginning. */
  run(): readonly Fate[] {
    const { snapshot, until = Number.POSITIVE_INFINITY } = this.#options;
    let { now } = this.#options;
    const first = this.#plan(now);
    const waits = new Map(first.waits.map((wait) => [wait.uid, wait]));
    this.#follow(first.starts, now);
    for (;;) {
      const next = this.#nextTime(now);
      const isOver = next === Number.POSITIVE_INFINITY || next > until || this.#idle > PATIENCE;
      if (isOver || this.#starts.size === snapshot.waiting.length) break;
      now = next;
      this.#end(now);
      this.#follow(this.#plan(now).starts, now);
    }
    const left = new Map(this.#plan(now).waits.map((wait) => [wait.uid, wait]));
    const order = new Map([...first.starts, ...first.waits].map(({ uid }, i) => [uid, i]));
    const place = ({ uid }: WaitingGang) => order.get(uid) ?? 0;
    return snapshot.waiting
      .toSorted((a, b) => place(a) - place(b))
      .map((gang) => this.#fate(gang, waits.get(gang.uid), left.get(gang.uid)));
  }

  #fate(gang: WaitingGang, wait: Fate['left'], left: Fate['left']): Fate {
    const [at, start] = this.#starts.get(gang.uid) ?? [];
    return {
      gang,
      ...(wait && { reason: wait.reason, message: wait.message }),
      ...(start && at !== undefined && { at, start }),
      ...(!start && left && { left: { reason: left.reason, message: left.message } }),
    };
  }

  #plan(now: number) {
    this.#planner.apply(this.#changes);
    this.#changes = [];
    return this.#planner.plan(now);
  }

  /** The next end, the next moment at which a gang or a node comes into play, or one at which a wait changes its nature. */
  #nextTime(now: number): number {
    while ((this.#edges.at(-1) ?? Number.POSITIVE_INFINITY) <= now) this.#edges.pop();
    const next = Math.min(this.#ends.next, this.#edges.at(-1) ?? Number.POSITIVE_INFINITY);
    this.#idle = next === Number.POSITIVE_INFINITY ? this.#idle + 1 : 0;
    return Math.min(next, this.#planner.wakeAt(now));
  }

  #end(now: number): void {
    while (this.#ends.next <= now) {
      const uid = this.#ends.take();
      if (uid === undefined) return;
      this.#changes.push({ kind: 'charged', name: uid });
    }
  }

  #follow(starts: readonly Start[], now: number): void {
    for (const start of starts) {
      const { uid } = start;
      const gang = this.#planner.waiting(uid)?.gang;
      if (!gang) throw new Error(`the plan starts ${uid}, which does not wait`);
      this.#starts.set(uid, [now, start]);
      const charged = chargedBy(gang, start, now);
      this.#changes.push(...startChanges(charged));
      this.#ends.add(now + this.#runOf(charged), uid);
      this.#idle = 0;
      if (this.#starts.size % PROGRESS === 0)
        this.#options.onProgress?.(this.#starts.size / this.#options.snapshot.waiting.length);
    }
  }
}

/** What becomes of every waiting gang of a snapshot if nobody else comes. */
export function continued(options: ContinueOptions): readonly Fate[] {
  return new Continuation(options).run();
}
