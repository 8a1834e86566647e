/** Random small worlds, odd on purpose: overdrawn nodes, quotas already exceeded, labels missing, pools that overlap. */
import * as fc from 'fast-check';
import type {
  ChargedGang,
  ForeignPod,
  Node,
  Placement,
  Pool,
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
const index = (count: number) => fc.integer({ min: 0, max: count - 1 });

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
  })
  .map(
    (parts) =>
      (name: string): Queue => ({ name, ...present(parts) }),
  );

const waiting = fc
  .record({
    namespace: fc.constantFrom('n0', 'n1'),
    queue: fc.constantFrom('q0', 'q0', 'q0', 'q1', 'q1', 'q1', 'q2'),
    priority: fc.nat(3),
    submittedAt: fc.nat(3),
    minMembers: fc.constantFrom(1, 1, 2, 2, 3, 4, 6),
    extra: fc.constantFrom(0, 0, 1, 4),
    request,
    time: maybe(fc.constantFrom(50, 500, 5000)),
    pools: seldom(fc.uniqueArray(fc.constantFrom(...POOLS), { minLength: 1, maxLength: 3 })),
    nodeSelector: fc.constantFrom<Record<string, string>>({}, {}, {}, {}, {}, { disk: 'ssd' }),
    requiredTopology: maybe(fc.constantFrom('zone', 'rack')),
    preferredTopology: maybe(fc.constantFrom('zone', 'rack')),
    spread: rarely,
    notBefore: fc.constantFrom(undefined, undefined, undefined, NOW - 5, NOW, NOW + 60),
    avoid: fc.constantFrom<readonly string[]>([], [], ['node0'], ['node0', 'node2']),
  })
  .map(({ extra, ...parts }) => (i: number): WaitingGang => {
    const maxMembers = parts.minMembers + extra;
    return { uid: `w${i}`, name: `job${i}`, maxMembers, ...present(parts) };
  });

/** Charged gangs lie where they were put once: nobody promises that the node still has the room, or is there at all. */
const charged = fc
  .record({
    queue: fc.constantFrom(...QUEUES),
    pool: fc.constantFrom(...POOLS),
    request,
    on: fc.array(fc.record({ node: index(7), count: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 3 }),
    released: fc.constantFrom<readonly number[]>([], [], [0]),
    endsBy: maybe(fc.integer({ min: -100, max: 1000 }).map((s) => NOW + s)),
  })
  .map(({ on, ...parts }) => (i: number): ChargedGang => {
    let members = 0;
    const placements = on.map(({ node, count }): Placement => {
      const first = members;
      members += count;
      return { node: `node${node}`, first, count };
    });
    return { uid: `c${i}`, members, placements, ...present(parts) };
  });

const foreign: fc.Arbitrary<ForeignPod> = fc.record({ node: index(7).map((i) => `node${i}`), requests: request });

type Size = { readonly nodes: number; readonly waiting: number };

/** Worlds with at most so many nodes and waiting gangs. */
export function worlds(size: Size): fc.Arbitrary<Snapshot> {
  return fc
    .record({
      nodes: fc.array(node, { minLength: 1, maxLength: size.nodes }),
      pools: fc.array(pool, { minLength: 2, maxLength: POOLS.length }),
      queues: fc.array(queue, { minLength: 2, maxLength: QUEUES.length }),
      waiting: fc.array(waiting, { minLength: 1, maxLength: size.waiting }),
      charged: fc.array(charged, { maxLength: 4 }),
      foreign: fc.array(foreign, { maxLength: 4 }),
    })
    .map((w) => ({
      nodes: w.nodes.map((make, i) => make(`node${i}`)),
      pools: w.pools.map((make, i) => make(POOLS[i] ?? '')),
      queues: w.queues.map((make, i) => make(QUEUES[i] ?? '')),
      waiting: w.waiting.map((make, i) => make(i)),
      charged: w.charged.map((make, i) => make(i)),
      foreign: w.foreign,
    }));
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
  });
}
