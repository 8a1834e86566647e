/**
 * What is possible in a small world, by trying everything. Written apart from the planner and in another way (pods are
 * put down one at a time), so that a mistake in one is not repeated in the other.
 */
import type {
  Node,
  Pool,
  Requirement,
  Resources,
  Snapshot,
  Start,
  Taint,
  WaitingGang,
} from '../../operator/core/model.ts';

/** Free amounts by node name, and charge by queue and pool. Changed in place. */
export type Books = { free: Map<string, Map<string, number>>; charged: Map<string, Map<string, number>> };

function add(book: Map<string, Map<string, number>>, key: string, amounts: Resources, times: number): void {
  const entry = book.get(key) ?? new Map<string, number>();
  for (const [r, amount] of Object.entries(amounts)) entry.set(r, (entry.get(r) ?? 0) + amount * times);
  book.set(key, entry);
}

export function openBooks(world: Snapshot): Books {
  const books: Books = { free: new Map(), charged: new Map() };
  for (const node of world.nodes) add(books.free, node.name, node.allocatable, 1);
  for (const pod of world.foreign) if (books.free.has(pod.node)) add(books.free, pod.node, pod.requests, -1);
  for (const gang of world.charged) {
    add(books.charged, `${gang.queue} ${gang.pool}`, gang.request, gang.members);
    for (const { node, first, count } of gang.placements) {
      for (let member = first; member < first + count; member += 1) {
        if (!gang.released.includes(member) && books.free.has(node)) add(books.free, node, gang.request, -1);
      }
    }
  }
  return books;
}

export function book(books: Books, gang: WaitingGang, start: Start): void {
  add(books.charged, `${gang.queue} ${start.pool}`, gang.request, start.members);
  for (const { node, count } of start.placements) add(books.free, node, gang.request, -count);
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

/** Whether kube-scheduler, the pool and the gang allow the gang's pods on the node, leaving room aside. */
export function mayHost(node: Node, pool: Pool, gang: WaitingGang): boolean {
  const labels = Object.entries({ ...pool.selector.matchLabels, ...gang.nodeSelector });
  return (
    node.ready &&
    !node.unschedulable &&
    !gang.avoid.includes(node.name) &&
    labels.every(([key, value]) => node.labels[key] === value) &&
    (pool.selector.matchExpressions ?? []).every((r) => meets(node.labels, r)) &&
    node.taints.every((t) => t.effect === 'PreferNoSchedule' || tolerated(t, pool))
  );
}

function withinQuota(books: Books, world: Snapshot, gang: WaitingGang, pool: string, members: number): boolean {
  const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[pool] ?? {};
  const charged = books.charged.get(`${gang.queue} ${pool}`);
  return Object.entries(gang.request).every(([r, amount]) => {
    const limit = limits[r];
    return amount === 0 || limit === undefined || (charged?.get(r) ?? 0) + amount * members <= limit;
  });
}

/** Whether pod after pod can be put down, each on the first node with room, within `hosts`. */
function putDown(books: Books, gang: WaitingGang, hosts: readonly Node[], members: number): boolean {
  const free = new Map(hosts.map(({ name }) => [name, new Map(books.free.get(name))]));
  const used = new Set<string>();
  for (let pod = 0; pod < members; pod += 1) {
    const host = hosts.find(({ name }) => {
      if (gang.spread && used.has(name)) return false;
      return Object.entries(gang.request).every(([r, a]) => a === 0 || (free.get(name)?.get(r) ?? 0) >= a);
    });
    if (!host) return false;
    used.add(host.name);
    add(free, host.name, gang.request, -1);
  }
  return true;
}

/** Whether ANY placement of `members` members exists in the pool. All pods are alike, so first-fit decides it exactly. */
export function possible(books: Books, world: Snapshot, gang: WaitingGang, pool: Pool, members: number): boolean {
  if (!withinQuota(books, world, gang, pool.name, members)) return false;
  const hosts = world.nodes.filter((node) => mayHost(node, pool, gang));
  const key = gang.requiredTopology;
  if (key === undefined) return putDown(books, gang, hosts, members);
  const values = new Set(hosts.flatMap(({ labels }) => labels[key] ?? []));
  return [...values].some((value) =>
    putDown(
      books,
      gang,
      hosts.filter(({ labels }) => labels[key] === value),
      members,
    ),
  );
}

/** The pools that exist and that the gang and its queue allow, in the order in which they are to be tried. */
export function poolsOf(world: Snapshot, gang: WaitingGang): readonly Pool[] {
  const ofQueue = world.queues.find(({ name }) => name === gang.queue)?.pools;
  const all = world.pools.map(({ name }) => name).sort();
  const names = gang.pools ?? (ofQueue ? Object.keys(ofQueue) : all);
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

/** The waiting gangs in the order in which they have to be looked at. */
export function ordered(world: Snapshot): readonly WaitingGang[] {
  const rank = (gang: WaitingGang) => {
    const cap = world.queues.find(({ name }) => name === gang.queue)?.maxPriority;
    return cap === undefined ? gang.priority : Math.min(cap, gang.priority);
  };
  return [...world.waiting].sort(
    (a, b) => rank(b) - rank(a) || a.submittedAt - b.submittedAt || a.uid.localeCompare(b.uid),
  );
}
