/**
 * What is possible in a small world, by trying everything. Written apart from the planner and in another way (pods are
 * put down one at a time), so that a mistake in one is not repeated in the other.
 */
import type {
  ChargedGang,
  Maintenance,
  Node,
  Part,
  Plan,
  Pool,
  Requirement,
  Resources,
  Snapshot,
  Start,
  Taint,
  WaitingGang,
} from '../../operator/core/model.ts';
import type { Policy } from '../../operator/core/plan/policy.ts';
import { endOf, runOfParts } from '../../operator/core/plan/runtime.ts';
import { matches } from '../../operator/core/selector.ts';
import { NOW } from './worlds.ts';

type Book = Map<string, Map<string, number>>;

/** Free amounts by node name, and charge by queue and pool. Changed in place. */
export type Books = { readonly free: Book; readonly charged: Book };

function add(book: Book, key: string, amounts: Resources, times: number): void {
  const entry = book.get(key) ?? new Map<string, number>();
  for (const [r, amount] of Object.entries(amounts)) entry.set(r, (entry.get(r) ?? 0) + amount * times);
  book.set(key, entry);
}

function takeCharged(books: Books, gang: ChargedGang): void {
  for (const { pool, request, members, placements, released } of gang.parts) {
    add(books.charged, `${gang.queue} ${pool}`, request, members);
    for (const { node, first, count } of placements) {
      for (let member = first; member < first + count; member += 1) {
        if (!released.includes(member) && books.free.has(node)) add(books.free, node, request, -1);
      }
    }
  }
}

export function openBooks(world: Snapshot): Books {
  const books: Books = { free: new Map(), charged: new Map() };
  for (const node of world.nodes) add(books.free, node.name, node.allocatable, 1);
  for (const pod of world.foreign) if (books.free.has(pod.node)) add(books.free, pod.node, pod.requests, -1);
  for (const gang of world.charged) takeCharged(books, gang);
  return books;
}

/** Books what the gang takes where it starts; with `sign` -1 it gives that back. */
export function book(books: Books, gang: WaitingGang, start: Pick<Start, 'parts'>, sign: 1 | -1 = 1): void {
  start.parts.forEach(({ pool, members, placements }, i) => {
    const request = gang.parts[i]?.request ?? {};
    add(books.charged, `${gang.queue} ${pool}`, request, sign * members);
    for (const { node, count } of placements) add(books.free, node, request, -sign * count);
  });
}

/** The gang as it is charged once it has started. */
export function chargedOf(gang: WaitingGang, start: Pick<Start, 'parts'>, startedAt: number): ChargedGang {
  const parts = start.parts.map((part, i) => ({ ...part, request: gang.parts[i]?.request ?? {}, released: [] }));
  const { uid, queue, time, predictions } = gang;
  return {
    uid,
    queue,
    parts,
    startedAt,
    ...(time === undefined ? {} : { time }),
    ...(predictions === undefined ? {} : { predictions }),
  };
}

function meets(labels: Node['labels'], { key, operator, values = [] }: Requirement): boolean {
  const has = Object.hasOwn(labels, key);
  if (operator === 'Exists') return has;
  if (operator === 'DoesNotExist') return !has;
  if (operator === 'In') return has && values.includes(labels[key] ?? '');
  if (operator === 'NotIn') return !has || !values.includes(labels[key] ?? '');
  throw new Error(`the worlds do not use ${operator}`);
}

const tolerated = (taint: Taint, pool: Pool) =>
  pool.tolerations.some((t) => t.operator === 'Exists' && (t.key === undefined || t.key === taint.key));

export const inPool = (node: Node, { selector }: Pool) =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => node.labels[key] === value) &&
  (selector.matchExpressions ?? []).every((r) => meets(node.labels, r));

/** Whether kube-scheduler, the pool and the gang allow the part's pods on the node, leaving room aside. */
export function mayHost(node: Node, pool: Pool, part: Part, avoid: readonly string[]): boolean {
  return (
    node.ready &&
    !node.unschedulable &&
    !avoid.includes(node.name) &&
    inPool(node, pool) &&
    Object.entries(part.nodeSelector).every(([key, value]) => node.labels[key] === value) &&
    node.taints.every((t) => t.effect === 'PreferNoSchedule' || tolerated(t, pool))
  );
}

/** Whether the maintenance closes the node. */
function closes({ pool: name, selector = {} }: Maintenance, node: Node, world: Snapshot): boolean {
  const pool = world.pools.find((p) => p.name === name);
  return pool !== undefined && inPool(node, pool) && matches(node.labels, selector);
}

/** Whether some maintenance closes the node at any time from `from` to `until`. */
export function closed(world: Snapshot, node: Node, from: number, until: number): boolean {
  return world.maintenance.some((m) => m.from < until && m.until > from && closes(m, node, world));
}

/** When a charged gang should end as seen at `now`. */
export function plannedEnd(gang: ChargedGang, policy: Policy, now: number): number {
  return endOf(gang, runOfParts(gang, gang.parts, policy.runningBy ?? policy.planBy, policy), now);
}

function withinQuota(books: Books, world: Snapshot, gang: WaitingGang, pool: string, members: number): boolean {
  const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[pool] ?? {};
  const charged = books.charged.get(`${gang.queue} ${pool}`);
  return Object.entries(gang.parts[0]?.request ?? {}).every(([r, amount]) => {
    const limit = limits[r];
    return amount === 0 || limit === undefined || (charged?.get(r) ?? 0) + amount * members <= limit;
  });
}

/** Whether pod after pod can be put down, each on the first node with room, within `hosts`. */
function putDown(books: Books, { request, spread }: Part, hosts: readonly Node[], members: number): boolean {
  const free = new Map(hosts.map(({ name }) => [name, new Map(books.free.get(name))]));
  const used = new Set<string>();
  for (let pod = 0; pod < members; pod += 1) {
    const host = hosts.find(({ name }) => {
      if (spread && used.has(name)) return false;
      return Object.entries(request).every(([r, a]) => a === 0 || (free.get(name)?.get(r) ?? 0) >= a);
    });
    if (!host) return false;
    used.add(host.name);
    add(free, host.name, request, -1);
  }
  return true;
}

/** Something to try: one gang of one part, `members` members wide. */
type Trial = { readonly gang: WaitingGang; readonly pool: Pool; readonly members: number; readonly policy: Policy };

/**
 * Whether ANY placement of a gang of one part exists in the pool from NOW until it would end. All pods are alike, so
 * first-fit decides it exactly.
 */
export function possible(books: Books, world: Snapshot, { gang, pool, members, policy }: Trial): boolean {
  const [part] = gang.parts;
  if (!part || !withinQuota(books, world, gang, pool.name, members)) return false;
  const until = NOW + runOfParts(gang, [{ pool: pool.name, members }], policy.planBy, policy);
  const hosts = world.nodes.filter((n) => mayHost(n, pool, part, gang.avoid) && !closed(world, n, NOW, until));
  const key = part.requiredTopology;
  if (key === undefined) return putDown(books, part, hosts, members);
  const values = new Set(hosts.flatMap(({ labels }) => labels[key] ?? []));
  const within = (value: string) => hosts.filter(({ labels }) => labels[key] === value);
  return [...values].some((value) => putDown(books, part, within(value), members));
}

/** The pools that exist and that the part and the gang's queue allow, in the order in which they are to be tried. */
export function poolsOf(world: Snapshot, gang: WaitingGang, part: Part | undefined = gang.parts[0]): readonly Pool[] {
  const ofQueue = world.queues.find(({ name }) => name === gang.queue)?.pools;
  const all = world.pools.map(({ name }) => name).sort();
  const names = part?.pools ?? (ofQueue ? Object.keys(ofQueue) : all);
  return names
    .filter((name) => ofQueue === undefined || Object.keys(ofQueue).includes(name))
    .flatMap((name) => world.pools.filter((pool) => pool.name === name));
}

/** Whether the queue takes the gang at all. */
export function admits(world: Snapshot, gang: WaitingGang): boolean {
  const queue = world.queues.find(({ name }) => name === gang.queue);
  if (queue?.state !== 'active') return false;
  if (queue.namespaces && !queue.namespaces.includes(gang.namespace)) return false;
  return queue.maxTime === undefined || (gang.time ?? Number.POSITIVE_INFINITY) <= queue.maxTime;
}

/** Reasons that hold until somebody changes something: gangs that wait for them never block a strict queue. */
export const LASTING = new Set([
  'QueueNotFound',
  'QueueStopped',
  'QueueDraining',
  'NamespaceNotAllowed',
  'TimeExceedsLimit',
  'PoolNotFound',
  'PoolEmpty',
  'NoMatchingNodes',
  'ExceedsQuota',
  'ExceedsPool',
]);

const byAge = (a: WaitingGang, b: WaitingGang) => a.submittedAt - b.submittedAt || a.uid.localeCompare(b.uid);

/**
 * The waiting gangs in the order in which a policy without scores that move looks at them: first come, first served.
 * Nothing is won by promoting a gang that could not start whatever room there is: that much is taken from the plan's waits.
 */
export function ordered(world: Snapshot, policy: Policy, { waits }: Pick<Plan, 'waits'>): readonly WaitingGang[] {
  const { promotions, tick } = policy;
  const moment = tick > 0 ? NOW - (NOW % tick) : NOW;
  const stuck = new Set(waits.filter(({ reason }) => LASTING.has(reason)).map(({ uid }) => uid));
  const queueOf = (gang: WaitingGang) => world.queues.find(({ name }) => name === gang.queue);
  const rank = (gang: WaitingGang) => Math.min(gang.priority, queueOf(gang)?.maxPriority ?? gang.priority);
  const late = (gang: WaitingGang) => {
    const objective = queueOf(gang)?.waitObjective;
    if (objective === undefined || stuck.has(gang.uid) || (gang.notBefore ?? moment) > moment) return false;
    return gang.submittedAt + objective <= moment;
  };
  const overdue = world.waiting.filter(late).sort(byAge);
  const promoted = (gang: WaitingGang) => {
    const place = overdue.filter(({ queue }) => queue === gang.queue).indexOf(gang);
    return place >= 0 && place < promotions;
  };
  return [...world.waiting].sort(
    (a, b) => rank(b) - rank(a) || Number(promoted(b)) - Number(promoted(a)) || byAge(a, b),
  );
}
