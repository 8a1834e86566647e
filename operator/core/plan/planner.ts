/**
 * The planner: keeps the world as changes tell it, and plans a moment of it. What it keeps is only what it would work
 * out again: planners that were told of the same world by other changes make the same plan.
 */
import type { Change, Maintenance, Node, Plan, Pool, Queue, Resources, Snapshot, WaitingGang } from '../model.ts';
import type { Holding } from './cells.ts';
import { Entry } from './entry.ts';
import { explainAll } from './explain.ts';
import { Ground } from './ground.ts';
import { lasting } from './never.ts';
import { Order } from './order.ts';
import { Pass } from './pass.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import { Running } from './running.ts';
import { Scratch } from './scratch.ts';

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
  #ground: Ground | undefined;
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
        this.#order.reset();
        return this.#reshape(this.#queues, change.name, change.value);
      case 'waiting':
        return this.#setWaiting(change.name, change.value);
      case 'charged':
        return change.value ? this.#running.set(change.value) : this.#running.delete(change.name);
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
    this.#ground = undefined;
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
    const holding: Holding | undefined = amounts && this.#ground?.foreign(node, amounts);
    if (holding) this.#ground?.cells.take(holding, sign);
  }

  #undo(): void {
    for (const holding of this.#pass?.taken ?? []) this.#pass?.ground.cells.take(holding, -1);
    this.#pass = undefined;
  }

  #stand(): Ground {
    if (this.#ground) return this.#ground;
    const { holdBack } = this.policy;
    const ground = new Ground({
      nodes: this.#nodes.values(),
      pools: this.#pools.values(),
      queues: this.#queues,
      maintenance: this.#maintenance.values(),
      longShare: holdBack?.share,
    });
    this.#ground = ground;
    this.#scratch = new Scratch(ground.cells);
    this.#running.stand(ground);
    for (const node of this.#foreign.keys()) this.#takeForeign(node, 1);
    return ground;
  }

  /** Plans the moment `now`, seconds since the epoch. The world itself does not change: who starts has to be told by `apply`. */
  plan(now: number): Plan {
    this.#undo();
    const ground = this.#stand();
    this.#running.countLong(now);
    const pass = new Pass({
      ground,
      policy: this.policy,
      now,
      waiting: this.#order.at(now),
      releases: this.#running.releases(now),
      judge: (entry) => lasting(entry, ground),
      scratch: (this.#scratch ??= new Scratch(ground.cells)),
    });
    this.#pass = pass;
    return new PassPlan(pass, () => this.#pass === pass, this.#foreign);
  }

  /** What the planner knows of a waiting gang. */
  waiting(uid: string): Entry | undefined {
    return this.#waiting.get(uid);
  }

  /** Gangs that the latest plan left waiting, in order, with what keeps each in one word. */
  get held(): readonly Entry[] {
    return this.#pass?.held ?? [];
  }
}

/** A plan whose explanations are worked out when somebody reads them: thousands may wait, and few are asked about. */
class PassPlan implements Plan {
  readonly #pass: Pass;
  readonly #isCurrent: () => boolean;
  readonly #foreign: ReadonlyMap<string, Resources>;
  #waits: Plan['waits'] | undefined;

  constructor(pass: Pass, isCurrent: () => boolean, foreign: ReadonlyMap<string, Resources>) {
    this.#pass = pass;
    this.#isCurrent = isCurrent;
    this.#foreign = foreign;
  }

  get starts(): Plan['starts'] {
    return this.#pass.starts;
  }

  get reservations(): Plan['reservations'] {
    return this.#pass.promises.list.flatMap(({ uid, at, until, parts }) => (uid === undefined ? [] : [{ uid, at, until, parts }]));
  }

  get waits(): Plan['waits'] {
    if (this.#waits) return this.#waits;
    if (!this.#isCurrent()) throw new Error('the planner has changed since: read the waits of a plan before it does');
    this.#waits = explainAll(this.#pass, this.#foreign);
    return this.#waits;
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
    ...snapshot.charged.map((value): Change => ({ kind: 'charged', name: value.uid, value })),
    ...snapshot.waiting.map((value): Change => ({ kind: 'waiting', name: value.uid, value })),
  ];
}

/** The plan of a snapshot at `now`, seconds since the epoch: the same whatever order the snapshot lists things in. */
export function plan(snapshot: Snapshot, now: number, policy: Policy = DEFAULT_POLICY): Plan {
  const planner = new Planner(policy);
  planner.apply(changesOf(snapshot));
  const { starts, reservations, waits } = planner.plan(now);
  return { starts, reservations, waits };
}
