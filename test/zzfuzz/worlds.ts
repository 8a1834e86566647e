/**
 * Random small worlds, odd on purpose: overdrawn nodes, quotas already exceeded, labels missing, pools that overlap,
 * gangs past their walltime, predictions above it.
 */
import * as fc from 'fast-check';
import type {
  ChargedGang,
  ChargedPart,
  ForeignPod,
  Maintenance,
  Node,
  Part,
  Placement,
  Pool,
  Prediction,
  Queue,
  Resources,
  Selector,
  Snapshot,
  Taint,
  WaitingGang,
} from '../../operator/core/model.ts';

export const NOW = 1_000_000;
const GPU = 'nvidia.com/gpu';
const POOLS = ['p0', 'p1', 'p2'] as const;
const QUEUES = ['q0', 'q1', 'q2'] as const;
const NODES = 7;

/** Leaves out what is undefined, as the types ask. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Absent `weight` times as often as present: what keeps a gang out altogether must not hide everything else. */
const absent = <T>(weight: number, arb: fc.Arbitrary<T>) =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arb });
const often = <T>(arb: fc.Arbitrary<T>) => absent(1, arb);
const maybe = <T>(arb: fc.Arbitrary<T>) => absent(2, arb);
const seldom = <T>(arb: fc.Arbitrary<T>) => absent(9, arb);
const rarely = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const nodeName = fc.integer({ min: 0, max: NODES - 1 }).map((i) => `node${i}`);
const seconds = fc.constantFrom(50, 100, 150, 500, 5000);

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom('dedicated', 'slow'),
  value: fc.constantFrom('a', 'b'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
});

const labels = fc
  .record({
    zone: maybe(fc.constantFrom('z0', 'z1')),
    rack: maybe(fc.constantFrom('r0', 'r1', 'r2')),
    disk: maybe(fc.constant('ssd')),
  })
  .map((l) => present(l) as Readonly<Record<string, string>>);

const node = fc
  .record({
    labels,
    taints: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(taint, { maxLength: 2 }) },
    ),
    unschedulable: rarely,
    ready: rarely.map((not) => !not),
    allocatable: fc.record({
      cpu: fc.integer({ min: 0, max: 12 }).map((n) => n * 500),
      memory: fc.integer({ min: 2, max: 12 }),
      pods: fc.integer({ min: 1, max: 6 }),
      [GPU]: fc.constantFrom(0, 0, 2, 3),
    }),
  })
  .map(
    (parts) =>
      (name: string): Node => ({ name, ...parts }),
  );

const request: fc.Arbitrary<Resources> = fc
  .record({
    cpu: fc.integer({ min: 0, max: 3 }).map((n) => n * 500),
    memory: maybe(fc.integer({ min: 0, max: 4 })),
    [GPU]: seldom(fc.constantFrom(1, 2)),
  })
  .map((r) => ({ ...(present(r) as Resources), pods: 1 }));

const selector: fc.Arbitrary<Selector> = fc.constantFrom<Selector>(
  {},
  {},
  {},
  { matchLabels: { zone: 'z0' } },
  { matchExpressions: [{ key: 'rack', operator: 'In', values: ['r0', 'r1'] }] },
  { matchExpressions: [{ key: 'disk', operator: 'DoesNotExist' }] },
);

const pool = fc
  .record({
    selector,
    tolerations: fc.constantFrom<Pool['tolerations']>(
      [],
      [{ key: 'dedicated', operator: 'Exists' }],
      [{ operator: 'Exists' }],
    ),
    topologyKeys: fc.constantFrom<readonly string[]>([], ['rack'], ['zone', 'rack']),
  })
  .map(
    (parts) =>
      (name: string): Pool => ({ name, ...parts }),
  );

const quota: fc.Arbitrary<Resources> = fc
  .record({
    cpu: maybe(fc.integer({ min: 0, max: 20 }).map((n) => n * 500)),
    pods: maybe(fc.nat(9)),
    [GPU]: maybe(fc.nat(4)),
  })
  .map((q) => present(q) as Resources);

const queue = fc
  .record({
    state: seldom(fc.constantFrom<Queue['state']>('stopped', 'draining')).map((state) => state ?? 'active'),
    order: fc.constantFrom<Queue['order']>('strict', 'skipping'),
    pools: often(fc.dictionary(fc.constantFrom(...POOLS), quota, { minKeys: 1, maxKeys: 3, noNullPrototype: true })),
    maxPriority: maybe(fc.nat(2)),
    maxTime: seldom(fc.constantFrom(100, 1000)),
    namespaces: seldom(fc.constantFrom(['n0'], ['n0', 'n1'])),
    waitObjective: maybe(fc.constantFrom(0, 60, 1000)),
  })
  .map(
    (parts) =>
      (name: string): Queue => ({ name, ...present(parts) }),
  );

const predictions: fc.Arbitrary<readonly Prediction[]> = fc.array(
  fc
    .record({
      pool: maybe(fc.constantFrom(...POOLS)),
      members: maybe(fc.integer({ min: 1, max: 6 })),
      grows: fc.tuple(fc.constantFrom(0.5, 20, 100), fc.nat(60), fc.nat(100), fc.nat(900)),
      z: maybe(fc.constantFrom(0.01, 0.5, 1)),
    })
    .map(({ grows: [q10, a, b, c], ...about }): Prediction => {
      return { ...present(about), q10, q50: q10 + a, q75: q10 + a + b, q90: q10 + a + b + c };
    }),
  { maxLength: 3 },
);

const part = fc
  .record({
    minMembers: fc.constantFrom(1, 1, 2, 2, 3, 4, 6),
    extra: fc.constantFrom(0, 0, 1, 4),
    request,
    pools: seldom(fc.uniqueArray(fc.constantFrom(...POOLS), { minLength: 1, maxLength: 3 })),
    nodeSelector: fc.constantFrom<Record<string, string>>({}, {}, {}, {}, {}, { disk: 'ssd' }),
    requiredTopology: maybe(fc.constantFrom('zone', 'rack')),
    preferredTopology: maybe(fc.constantFrom('zone', 'rack')),
    spread: rarely,
    name: maybe(fc.constantFrom('train', 'simulate')),
  })
  .map(({ extra, ...rest }): Part => ({ maxMembers: rest.minMembers + extra, ...present(rest) }));

export const waiting = (parts: number) =>
  fc
    .record({
      namespace: fc.constantFrom('n0', 'n1'),
      queue: fc.constantFrom('q0', 'q0', 'q0', 'q1', 'q1', 'q1', 'q2'),
      priority: fc.nat(3),
      submittedAt: fc.constantFrom(NOW - 5000, NOW - 500, NOW - 70, NOW - 60, NOW - 50, NOW - 1),
      parts: fc.array(part, { minLength: 1, maxLength: parts }),
      time: maybe(seconds),
      predictions: maybe(predictions),
      notBefore: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, NOW - 5, NOW, NOW + 60),
      avoid: fc.constantFrom<readonly string[]>([], [], ['node0'], ['node0', 'node2']),
    })
    .map(
      (gang) =>
        (i: number): WaitingGang => ({ uid: `w${i}`, name: `job${i}`, ...present(gang) }),
    );

/** Charged gangs lie where they were put once: nobody promises that the node still has the room, or is there at all. */
const chargedPart = fc
  .record({
    pool: fc.constantFrom(...POOLS),
    request,
    on: fc.array(fc.record({ node: nodeName, count: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 3 }),
    released: fc.constantFrom<readonly number[]>([], [], [0]),
  })
  .map(({ on, ...rest }): ChargedPart => {
    let members = 0;
    const placements = on.map(({ node, count }): Placement => {
      const first = members;
      members += count;
      return { node, first, count };
    });
    return { members, placements, ...rest };
  });

export const charged = (parts: number) =>
  fc
    .record({
      queue: fc.constantFrom(...QUEUES),
      parts: fc.array(chargedPart, { minLength: 1, maxLength: parts }),
      startedAt: fc.constantFrom(0, 40, 50, 99, 500, 7000).map((age) => NOW - age),
      time: maybe(seconds),
      predictions: maybe(predictions),
    })
    .map(
      (gang) =>
        (i: number): ChargedGang => ({ uid: `c${i}`, ...present(gang) }),
    );

const foreign: fc.Arbitrary<ForeignPod> = fc.record({ node: nodeName, requests: request });

const maintenance = fc
  .record({
    pool: fc.constantFrom(...POOLS),
    selector: maybe(selector),
    from: fc.constantFrom(-200, 0, 50, 100, 1000).map((s) => NOW + s),
    length: fc.constantFrom(1, 100, 1000),
  })
  .map(
    ({ length, ...rest }) =>
      (i: number): Maintenance => ({ name: `m${i}`, ...present(rest), until: rest.from + length }),
  );

/** Makers of single things, for worlds that change. */
export const makers = { node, pool, queue, maintenance, request };

type Size = {
  readonly nodes: number;
  readonly waiting: number;
  /** Most parts of a gang; one if absent. */
  readonly parts?: number;
};

/** Worlds with at most so many nodes and waiting gangs. */
export function worlds({ nodes, waiting: gangs, parts = 1 }: Size): fc.Arbitrary<Snapshot> {
  return fc
    .record({
      nodes: fc.array(node, { minLength: 1, maxLength: nodes }),
      pools: fc.array(pool, { minLength: 2, maxLength: POOLS.length }),
      queues: fc.array(queue, { minLength: 2, maxLength: QUEUES.length }),
      waiting: fc.array(waiting(parts), { minLength: 1, maxLength: gangs }),
      charged: fc.array(charged(parts), { maxLength: 4 }),
      foreign: fc.array(foreign, { maxLength: 3 }),
      maintenance: often(fc.array(maintenance, { maxLength: 2 })),
    })
    .map((w) => ({
      nodes: w.nodes.map((make, i) => make(`node${i}`)),
      pools: w.pools.map((make, i) => make(POOLS[i] ?? '')),
      queues: w.queues.map((make, i) => make(QUEUES[i] ?? '')),
      waiting: w.waiting.map((make, i) => make(i)),
      charged: w.charged.map((make, i) => make(i)),
      foreign: w.foreign,
      maintenance: (w.maintenance ?? []).map((make, i) => make(i)),
    }));
}

/** Nothing is wrong with the node, and it has room for something; GPUs only where the cluster has any. */
function sound(node: Node, gpus: boolean): Node {
  const { cpu = 0, pods = 0, [GPU]: gpu = 0 } = node.allocatable;
  const allocatable = { cpu: Math.max(2000, cpu), memory: 12, pods: Math.max(3, pods), [GPU]: gpus ? gpu : 0 };
  return { ...node, allocatable, taints: [], ready: true, unschedulable: false };
}

/** The queue is open to all; a quota stays. */
function open({ name, order, pools, maxPriority, waitObjective }: Queue): Queue {
  const all = pools && { p0: {}, p1: {}, ...pools };
  return { name, state: 'active', ...present({ order, pools: all, maxPriority, waitObjective }) };
}

/** The gang asks for no more than there may be. */
function modest(gang: WaitingGang): WaitingGang {
  const parts = gang.parts.map((part): Part => {
    const { pools: _anywhere, ...rest } = part;
    const minMembers = 1 + (part.minMembers % 3);
    const maxMembers = minMembers + part.maxMembers - part.minMembers;
    return { ...rest, minMembers, maxMembers, nodeSelector: {} };
  });
  return { ...gang, queue: gang.queue === 'q2' ? 'q0' : gang.queue, parts };
}

/**
 * Worlds in which most gangs could run and few can at once: much is running, much is waiting, and much is reserved. At
 * most so many nodes and waiting gangs, and no fewer than half of that.
 */
export function busy({ nodes, waiting: gangs, parts = 1 }: Size): fc.Arbitrary<Snapshot> {
  const many = (most: number) => ({ minLength: Math.ceil(most / 2), maxLength: most, size: 'max' as const });
  return fc
    .record({
      gpus: fc.boolean(),
      nodes: fc.array(node, many(nodes)),
      pools: fc.array(pool, { minLength: 1, maxLength: 2 }),
      queues: fc.array(queue, { minLength: 2, maxLength: 2 }),
      waiting: fc.array(waiting(parts), many(gangs)),
      charged: fc.array(charged(parts), many(5)),
      maintenance: maybe(fc.array(maintenance, { maxLength: 2 })),
    })
    .map((w) => ({
      nodes: w.nodes.map((make, i) => sound(make(`node${i}`), w.gpus)),
      pools: w.pools.map((make, i) => ({ ...make(POOLS[i] ?? ''), ...(i === 0 ? { selector: {} } : {}) })),
      queues: w.queues.map((make, i) => open(make(QUEUES[i] ?? ''))),
      waiting: w.waiting.map((make, i) => modest(make(i))),
      charged: w.charged.map((make, i) => make(i)),
      foreign: [],
      maintenance: (w.maintenance ?? []).map((make, i) => make(i)),
    }));
}

/** The gang at its fewest members, and never wider. */
export function rigid(gang: WaitingGang): WaitingGang {
  return { ...gang, parts: gang.parts.map((part) => ({ ...part, maxMembers: part.minMembers })) };
}

/** The same world with its lists in another order. */
export function shuffled(world: Snapshot): fc.Arbitrary<Snapshot> {
  const mix = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  return fc.record({
    nodes: mix(world.nodes),
    pools: mix(world.pools),
    queues: mix(world.queues),
    waiting: mix(world.waiting),
    charged: mix(world.charged),
    foreign: mix(world.foreign),
    maintenance: mix(world.maintenance),
  });
}
