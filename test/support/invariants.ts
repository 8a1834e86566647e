/**
 * DESIGN.md's invariants I1 to I5, judged from what the API server committed: the history is replayed in etcd's order, so
 * every state that ever stood is looked at, also those that no watcher would have had time to see.
 */
import { parseQuantity } from '../../crds/quantity.ts';
import type { Entry, WatchedThing } from './history.ts';

/** Milliseconds for which a gang may be torn, or a pod without an owner. */
export type Windows = {
  /** A gang neither up nor absent outside its start and stop. */
  readonly torn: number;
  /** Admitted to all ranks called in, and asked to stop to all pods over. */
  readonly passage: number;
  /** A pod whose job is gone. */
  readonly orphan: number;
};

const WINDOWS: Windows = { torn: 20_000, passage: 100_000, orphan: 30_000 };

const CHARGING = ['Admitted', 'Starting', 'Running', 'Stopping'] as const;
const PASSAGES = ['Admitted', 'Starting', 'Stopping'] as const;
const ORDER = ['Admitted', 'Starting', 'Running', 'Stopping', 'Queued', 'Succeeded'] as const;

const isCharging = (state: string | undefined): boolean => CHARGING.some((each) => each === state);

/** Place of a state in the life of one attempt. The waiting states follow the attempt that ended; a final one follows all. */
function rank(state: string): number {
  const place = ORDER.findIndex((each) => each === state);
  if (place >= 0) return place;
  return state === 'Failed' ? ORDER.indexOf('Succeeded') : ORDER.indexOf('Queued');
}

function isLive({ status }: WatchedThing): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function ownerOf(pod: WatchedThing): string | undefined {
  const owner = pod.metadata.ownerReferences?.find((each) => each.controller);
  return owner?.apiVersion.startsWith('coxswain.dev/') ? owner.uid : undefined;
}

const labelOf = (pod: WatchedThing, name: string): string => pod.metadata.labels?.[`coxswain.dev/${name}`] ?? '';

const nameOf = ({ metadata }: WatchedThing): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** The cluster as it stood after one entry of the history. */
class Replay {
  readonly windows: Windows;
  readonly jobs = new Map<string, WatchedThing>();
  readonly pods = new Map<string, WatchedThing>();
  readonly queues = new Map<string, WatchedThing>();
  readonly found = new Set<string>();
  /** How long what may not last has stood; milliseconds. */
  readonly #lasted = new Map<string, number>();
  /** When something that may not last began, by what it is. */
  readonly #since = new Map<string, number>();
  readonly #reached = new Map<string, { attempt: number; rank: number; state: string }>();

  constructor(windows: Windows) {
    this.windows = windows;
  }

  step({ kind, deleted, object, at }: Entry): void {
    const uid = object.metadata.uid ?? '';
    const into = { Pod: this.pods, Queue: this.queues, SimulationJob: this.jobs, TrainingJob: this.jobs } as const;
    if (kind === 'Node') return;
    // What stood until now is judged before it changes.
    this.overdue(at);
    if (deleted) into[kind].delete(uid);
    else into[kind].set(uid, object);
    if (kind === 'Pod') this.#onePodPerMember(object);
    else if (kind !== 'Queue') this.#neverBack(object);
    this.#withinQuota();
    this.overdue(at);
  }

  /** What was found, each once, however long it stood. */
  get all(): string[] {
    return [...this.found, ...[...this.#lasted].map(([what, lasted]) => `${what} for ${Math.round(lasted / 1000)} s`)];
  }

  /** I1. */
  #onePodPerMember(changed: WatchedThing): void {
    const owner = ownerOf(changed);
    if (owner === undefined) return;
    const same = [...this.pods.values()].filter(
      (pod) =>
        isLive(pod) &&
        ownerOf(pod) === owner &&
        labelOf(pod, 'attempt') === labelOf(changed, 'attempt') &&
        labelOf(pod, 'member') === labelOf(changed, 'member'),
    );
    if (same.length > 1) this.found.add(`I1: two live pods of one member: ${same.map(nameOf).join(', ')}`);
  }

  /** I5. */
  #neverBack(job: WatchedThing): void {
    const { state, attempts = 0 } = job.status ?? {};
    if (state === undefined) return;
    const uid = job.metadata.uid ?? '';
    const before = this.#reached.get(uid);
    const now = { attempt: attempts, rank: rank(state), state };
    this.#reached.set(uid, now);
    if (before === undefined) return;
    const back = now.attempt === before.attempt && now.rank < before.rank;
    const resurrected = before.rank === rank('Succeeded') && now.state !== before.state;
    if (back || resurrected || now.attempt < before.attempt) {
      const path = `${before.state} (attempt ${before.attempt}) to ${state} (attempt ${attempts})`;
      this.found.add(`I5: ${nameOf(job)} went from ${path}`);
    }
  }

  /** I3, the half that holds at every moment: what is charged is within the quota. */
  #withinQuota(): void {
    for (const queue of this.queues.values()) {
      for (const { pool, quota = {} } of queue.spec?.pools ?? []) {
        const used = chargedTo(this.jobs.values(), queue.metadata.name, pool);
        for (const [resource, limit] of Object.entries(quota)) {
          const most = parseQuantity(resource, limit);
          if ((used[resource] ?? 0) <= most) continue;
          const charge = `${used[resource]} of ${most} ${resource} in pool ${pool}`;
          this.found.add(`I3: queue ${queue.metadata.name} is charged ${charge}`);
        }
      }
    }
  }

  /** I2 and I4: what may stand for a while, but not for long. */
  overdue(at: number): void {
    const { torn, passage, orphan } = this.windows;
    const standing = new Set<string>();
    const owned = Map.groupBy(this.pods.values(), ownerOf);
    const stands = (what: string, since: number, limit: number): void => {
      standing.add(what);
      const begun = this.#since.get(what) ?? since;
      this.#since.set(what, begun);
      if (at - begun > limit) this.#lasted.set(what, Math.max(this.#lasted.get(what) ?? 0, at - begun));
    };
    for (const job of this.jobs.values()) {
      const tear = tornBy(job, owned.get(job.metadata.uid) ?? []);
      if (tear !== undefined) stands(`I2: ${nameOf(job)} ${tear}`, at, torn);
      const { state, attempts } = job.status ?? {};
      if (PASSAGES.some((each) => each === state)) {
        stands(`I2: ${nameOf(job)} was ${state} in attempt ${attempts}`, at, passage);
      }
    }
    for (const pod of this.pods.values()) {
      const owner = ownerOf(pod);
      if (owner !== undefined && !this.jobs.has(owner)) stands(`I4: pod ${nameOf(pod)} had no owner`, at, orphan);
    }
    for (const what of this.#since.keys()) if (!standing.has(what)) this.#since.delete(what);
  }
}

/** How a gang is neither wholly up nor wholly absent although its state says that it is; undefined if it is not. */
function tornBy(job: WatchedThing, pods: readonly WatchedThing[]): string | undefined {
  const { state, assignment, attempts } = job.status ?? {};
  const live = pods.filter(isLive);
  if (state === 'Running') {
    const mine = live.filter((pod) => labelOf(pod, 'attempt') === String(attempts));
    const members = assignment?.members ?? 0;
    return mine.length < members ? `ran with ${mine.length} of ${members} pods in attempt ${attempts}` : undefined;
  }
  if (state === undefined || isCharging(state)) return undefined;
  // A pod that was asked to go but whose node does not answer cannot be waited for.
  const there = live.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return there.length > 0 ? `was ${state} with live pods` : undefined;
}

/** What jobs charge to a queue in a pool, by resource, in base units. */
export function chargedTo(jobs: Iterable<WatchedThing>, queue: string, pool: string): Record<string, number> {
  const used: Record<string, number> = {};
  for (const { status } of jobs) {
    const { state, assignment } = status ?? {};
    if (!isCharging(state) || assignment?.queue !== queue || assignment.pool !== pool) continue;
    for (const [resource, amount] of Object.entries(assignment.resources)) {
      used[resource] = (used[resource] ?? 0) + amount * assignment.members;
    }
  }
  return used;
}

/**
 * What in the history breaks I1 to I5, in words; empty if nothing does.
 * @param until the moment, of the same clock as the entries, up to which nothing more had happened.
 */
export function violations(entries: readonly Entry[], until: number, windows: Windows = WINDOWS): string[] {
  const replay = new Replay(windows);
  const ordered = [...entries].sort((a, b) => a.revision - b.revision);
  for (const entry of ordered) replay.step(entry);
  replay.overdue(until);
  return replay.all;
}
