/**
 * The planner: keeps the world as changes tell it, and plans a moment of it. What it keeps is only what it would work
 * out again: planners that were told of the same world by other changes make the same plan.
 */
import type { Change, Maintenance, Node, Plan, Pool, Queue, Resources, Snapshot, WaitingGang } from '../model.ts';
import { type Calibration, UNCALIBRATED } from './calibration.ts';
import type { Holding } from './cells.ts';
import { Entry } from './entry.ts';
import { plannedStarts } from './eta.ts';
import { Explanation } from './explain.ts';
import { Ground } from './ground.ts';
import { Order } from './order.ts';
import { Pass } from './pass.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import { Running } from './running.ts';
import { Scratch } from './scratch.ts';
import { Sites } from './sites.ts';

export class Planner {
  readonly policy: Policy;
  readonly #nodes = new Map<string, Node>();
  readonly #pools = new Map<string, Pool>();
  readonly #queues = new Map<string, Queue>();
  readonly #maintenance = new Map<string, Maintenance>();
  readonly #foreign = new Map<string, Resources>();
  readonly #waiting = new Map<string, Entry>();
  readonly #order: Order<Entry>;
  readonly #running: Running;
  #calibration: Calibration = UNCALIBRATED;
  #sites: Sites | undefined;
  #scratch: Scratch | undefined;
  #pass: Pass | undefined;

  constructor(policy: Policy = DEFAULT_POLICY) {
    this.policy = policy;
    this.#order = new Order(policy, () => this.#queues);
    this.#running = new Running(policy);
  }

  /** Takes in what changed; the order of independent changes does not matter. */
  apply(changes: Iterable<Change>): void {
    this.#undo();
    for (const change of changes) this.#apply(change);
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case 'node':
        return this.#reshape(this.#nodes, change.name, change.value);
      case 'pool':
        return this.#reshape(this.#pools, change.name, change.value);
      case 'maintenance':
        return this.#reshape(this.#maintenance, change.name, change.value);
      case 'queue':
        return this.#reshape(this.#queues, change.name, change.value);
      case 'waiting':
        return this.#setWaiting(change.name, change.value);
      case 'charged':
        return change.value ? this.#running.set(change.value) : this.#running.delete(change.name);
      case 'calibration':
        this.#calibration = change.value ?? UNCALIBRATED;
        return;
      case 'foreign':
        return this.#setForeign(change.name, change.value);
      default:
        return change satisfies never;
    }
  }

  /** Nodes, pools and queues change seldom: all that rests on them is made anew. */
  #reshape<T>(map: Map<string, T>, name: string, value: T | undefined): void {
    if (value === undefined) map.delete(name);
    else map.set(name, value);
    this.#sites = undefined;
    // Who can start at all may have changed, and with it who is promoted.
    this.#order.reset();
  }

  #setWaiting(uid: string, gang: WaitingGang | undefined): void {
    const before = this.#waiting.get(uid);
    if (before) this.#order.remove(before);
    this.#waiting.delete(uid);
    if (!gang) return;
    const entry = new Entry(gang, this.policy);
    this.#waiting.set(uid, entry);
    this.#order.add(entry);
  }

  #setForeign(node: string, amounts: Resources | undefined): void {
    this.#takeForeign(node, -1);
    if (amounts === undefined) this.#foreign.delete(node);
    else this.#foreign.set(node, amounts);
    // A resource that has no column yet is one that no node offers: nothing of it can be taken.
    this.#takeForeign(node, 1);
  }

  #takeForeign(node: string, sign: 1 | -1): void {
    const amounts = this.#foreign.get(node);
    const holding: Holding | undefined = amounts && this.#sites?.ground.foreign(node, amounts);
    if (holding) this.#sites?.ground.cells.take(holding, sign);
  }

  #undo(): void {
    for (const holding of this.#pass?.taken ?? []) this.#pass?.ground.cells.take(holding, -1);
    this.#pass = undefined;
  }

  #stand(): Sites {
    if (this.#sites) return this.#sites;
    const { holdBack } = this.policy;
    const ground = new Ground({
      nodes: this.#nodes.values(),
      pools: this.#pools.values(),
      queues: this.#queues,
      maintenance: this.#maintenance.values(),
      longShare: holdBack?.share,
    });
    const sites = new Sites(ground, this.policy);
    this.#sites = sites;
    this.#scratch = new Scratch(ground.cells);
    this.#running.stand(ground);
    for (const node of this.#foreign.keys()) this.#takeForeign(node, 1);
    return sites;
  }

  /** Plans the moment `now`, seconds since the epoch. The world itself does not change: who starts has to be told by `apply`. */
  plan(now: number): Plan {
    this.#undo();
    const sites = this.#stand();
    this.#running.countLong(now);
    const pass = new Pass({
      sites,
      policy: this.policy,
      now,
      waiting: this.#order.at(now, (entry, at) => mayStart(entry, at, sites)),
      releases: () => this.#running.releases(now),
      scratch: (this.#scratch ??= new Scratch(sites.ground.cells)),
    });
    this.#pass = pass;
    return new PassPlan(pass, () => this.#pass === pass, new Explanation(pass, this.#foreign, this.#calibration));
  }

  /** What the planner knows of a waiting gang. */
  waiting(uid: string): Entry | undefined {
    return this.#waiting.get(uid);
  }

  /**
   * The first time after `now` at which time alone may let a gang start that the latest plan left waiting: it is promised
   * room then, or nothing is held back from it any more. Infinity where there is none.
   */
  wakeAt(now: number): number {
    const { exemptWait = Number.POSITIVE_INFINITY } = this.policy.holdBack ?? {};
    let next = Number.POSITIVE_INFINITY;
    for (const { cause, gang, reservation } of this.held) {
      if (cause === 'lasting') continue;
      const promised = reservation?.at ?? Number.POSITIVE_INFINITY;
      for (const at of [promised, gang.submittedAt + exemptWait + 1]) if (at > now) next = Math.min(next, at);
    }
    return next;
  }

  /** Gangs that the latest plan left waiting, in order, with what keeps each in one word. */
  get held(): readonly Entry[] {
    return this.#pass?.held ?? [];
  }
}

/** Whether room and time alone keep the gang: only then does it help to put it ahead of others. */
function mayStart(entry: Entry, at: number, sites: Sites): boolean {
  entry.settle(sites);
  return !entry.lasting && (entry.gang.notBefore ?? at) <= at;
}

/** A plan whose explanations are worked out when somebody reads them: thousands may wait, and few are asked about. */
class PassPlan implements Plan {
  readonly starts: Plan['starts'];
  readonly #pass: Pass;
  readonly #isCurrent: () => boolean;
  readonly #explanation: Explanation;
  #planned: ReadonlyMap<string, number> | undefined;
  #waits: Plan['waits'] | undefined;

  constructor(pass: Pass, isCurrent: () => boolean, explanation: Explanation) {
    this.starts = pass.starts;
    this.#pass = pass;
    this.#isCurrent = isCurrent;
    this.#explanation = explanation;
  }

  get reservations(): Plan['reservations'] {
    const { list } = this.#pass.promises;
    return list.flatMap(({ owner, at, until, parts }) => (owner ? [{ uid: owner.gang.uid, at, until, parts }] : []));
  }

  get planned(): Plan['planned'] {
    this.#planned ??= plannedStarts(this.#current());
    return this.#planned;
  }

  get waits(): Plan['waits'] {
    if (this.#waits) return this.#waits;
    this.#current();
    this.#waits = this.#explanation.waits(this.planned);
    return this.#waits;
  }

  #current(): Pass {
    if (!this.#isCurrent()) throw new Error('the planner has changed since: read what a plan says before it does');
    return this.#pass;
  }
}

/** All that a snapshot says, as changes to an empty world. */
export function changesOf(snapshot: Snapshot): readonly Change[] {
  const foreign = new Map<string, Record<string, number>>();
  for (const { node, requests } of snapshot.foreign) {
    const sum = foreign.get(node) ?? {};
    for (const [name, amount] of Object.entries(requests)) sum[name] = (sum[name] ?? 0) + amount;
    foreign.set(node, sum);
  }
  return [
    ...snapshot.nodes.map((value): Change => ({ kind: 'node', name: value.name, value })),
    ...snapshot.pools.map((value): Change => ({ kind: 'pool', name: value.name, value })),
    ...snapshot.queues.map((value): Change => ({ kind: 'queue', name: value.name, value })),
    ...snapshot.maintenance.map((value): Change => ({ kind: 'maintenance', name: value.name, value })),
    ...[...foreign].map(([name, value]): Change => ({ kind: 'foreign', name, value })),
    { kind: 'calibration', name: '', ...(snapshot.calibration && { value: snapshot.calibration }) },
    ...snapshot.charged.map((value): Change => ({ kind: 'charged', name: value.uid, value })),
    ...snapshot.waiting.map((value): Change => ({ kind: 'waiting', name: value.uid, value })),
  ];
}

/** The plan of a snapshot at `now`, seconds since the epoch: the same whatever order the snapshot lists things in. */
export function plan(snapshot: Snapshot, now: number, policy: Policy = DEFAULT_POLICY): Plan {
  const planner = new Planner(policy);
  planner.apply(changesOf(snapshot));
  const { starts, reservations, planned, waits } = planner.plan(now);
  return { starts, reservations, planned, waits };
}
