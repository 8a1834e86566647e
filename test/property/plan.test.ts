/** Plans of random worlds in which nothing is reserved: room, quota and order alone decide, and an oracle tries everything. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Part,
  Placement,
  Plan,
  Pool,
  Snapshot,
  Start,
  StartedPart,
  WaitingGang,
} from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan/planner.ts';
import { DEFAULT_POLICY, type Policy } from '../../operator/core/plan/policy.ts';
import { runOfParts } from '../../operator/core/plan/runtime.ts';
import { admits, book, closed, LASTING, mayHost, openBooks, ordered, poolsOf, possible } from './oracle.ts';
import { policies } from './policies.ts';
import { busy, NOW, rigid, shuffled, worlds } from './worlds.ts';

const POLICY: Policy = { ...DEFAULT_POLICY, reservations: 0 };
const small = fc.oneof(worlds({ nodes: 5, waiting: 6 }), busy({ nodes: 4, waiting: 8 }));
/** All gangs of a fixed width: what others leave does not depend on who comes later. */
const fixed = small.map((world) => ({ ...world, waiting: world.waiting.map(rigid) }));
const larger = fc.oneof(worlds({ nodes: 7, waiting: 24 }), busy({ nodes: 5, waiting: 12 }));
const coupled = fc.oneof(worlds({ nodes: 7, waiting: 16, parts: 3 }), busy({ nodes: 6, waiting: 12, parts: 2 }));

function check(arb: fc.Arbitrary<Snapshot>, numRuns: number, property: (world: Snapshot) => void): void {
  fc.assert(fc.property(arb, property), { numRuns });
}

/** The same under any policy. */
function checkAll(numRuns: number, property: (world: Snapshot, policy: Policy) => void): void {
  fc.assert(fc.property(coupled, policies, property), { numRuns });
}

const gangOf = (world: Snapshot, uid: string): WaitingGang => {
  const gang = world.waiting.find((g) => g.uid === uid);
  if (!gang) throw new Error(`the plan speaks of ${uid}, which does not wait`);
  return gang;
};

const poolOf = (world: Snapshot, part: StartedPart | undefined): Pool => {
  const pool = world.pools.find(({ name }) => name === part?.pool);
  if (!pool) throw new Error(`the plan uses pool ${part?.pool}, which does not exist`);
  return pool;
};

const membersOf = (placements: readonly Placement[]) =>
  placements.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));

/** Every started part with the part of the gang that it is. */
const startedParts = (world: Snapshot, { starts, reservations }: Pick<Plan, 'starts' | 'reservations'>) =>
  [...starts, ...reservations].flatMap((start) => {
    const gang = gangOf(world, start.uid);
    expect(start.parts).toHaveLength(gang.parts.length);
    return start.parts.map((started, i) => ({ gang, start, started, part: gang.parts[i] as Part }));
  });

/** Room and quota as the gang met them: the snapshot's, less what was started before it. */
function replay(
  world: Snapshot,
  visit: (gang: WaitingGang, books: ReturnType<typeof openBooks>, start: Start | undefined) => void,
) {
  const made = plan(world, NOW, POLICY);
  const books = openBooks(world);
  for (const gang of ordered(world, POLICY, made)) {
    const start = made.starts.find(({ uid }) => uid === gang.uid);
    visit(gang, books, start);
    if (start) book(books, gang, start);
  }
}

describe('a plan', () => {
  it('has every waiting gang exactly once', () => {
    checkAll(200, (world, policy) => {
      const { starts, waits } = plan(world, NOW, policy);
      const told = [...starts, ...waits].map(({ uid }) => uid).sort();
      expect(told).toEqual(world.waiting.map(({ uid }) => uid).sort());
    });
  });

  it('is the same for the same world, in whatever order its lists are', () => {
    const pairs = coupled.chain((world) => fc.tuple(fc.constant(world), shuffled(world), policies));
    fc.assert(
      fc.property(pairs, ([world, mixed, policy]) => {
        expect(plan(mixed, NOW, policy)).toEqual(plan(world, NOW, policy));
      }),
      { numRuns: 200 },
    );
  });

  it('does not change the world it is given', () => {
    checkAll(100, (world, policy) => {
      const before = structuredClone(world);
      plan(world, NOW, policy);
      expect(world).toEqual(before);
    });
  });

  it('starts whole gangs: of each part members 0 to n - 1, each once, as many as the job allows', () => {
    checkAll(200, (world, policy) => {
      for (const { start, started, part } of startedParts(world, plan(world, NOW, policy))) {
        const { members, placements } = started;
        expect(membersOf(placements)).toEqual(Array.from({ length: members }, (_, i) => i));
        expect(members).toBeGreaterThanOrEqual(part.minMembers);
        expect(members).toBeLessThanOrEqual('at' in start ? part.minMembers : part.maxMembers);
        expect(new Set(placements.map(({ node }) => node)).size).toBe(placements.length);
        if (part.spread) expect(placements.every(({ count }) => count === 1)).toBe(true);
      }
    });
  });

  it('uses only nodes that may host the part, in one domain where that is required', () => {
    checkAll(200, (world, policy) => {
      for (const { gang, started, part } of startedParts(world, plan(world, NOW, policy))) {
        const pool = poolOf(world, started);
        expect(poolsOf(world, gang, part)).toContain(pool);
        const hosts = started.placements.map(({ node }) => world.nodes.find(({ name }) => name === node));
        expect(hosts.every((node) => node && mayHost(node, pool, part, gang.avoid))).toBe(true);
        const { requiredTopology: key } = part;
        if (key === undefined) continue;
        const values = new Set(hosts.map((node) => node?.labels[key]));
        expect([values.size, values.has(undefined)]).toEqual([1, false]);
      }
    });
  });

  it('goes over no capacity of any node, and over no quota', () => {
    checkAll(300, (world, policy) => {
      const books = openBooks(world);
      const { starts } = plan(world, NOW, policy);
      for (const start of starts) book(books, gangOf(world, start.uid), start);
      for (const { gang, started, part } of startedParts(world, { starts, reservations: [] })) {
        const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[started.pool] ?? {};
        // What was overdrawn before is not the plan's doing, but nothing may be added to it.
        for (const [resource, amount] of Object.entries(part.request)) {
          if (amount === 0) continue;
          for (const { node } of started.placements) {
            expect(books.free.get(node)?.get(resource)).toBeGreaterThanOrEqual(0);
          }
          const charged = books.charged.get(`${gang.queue} ${started.pool}`)?.get(resource);
          expect(charged).toBeLessThanOrEqual(limits[resource] ?? Number.POSITIVE_INFINITY);
        }
      }
    });
  });

  it('starts nothing that its queue does not take, that backs off, or that would run into a maintenance', () => {
    checkAll(200, (world, policy) => {
      for (const { uid, parts } of plan(world, NOW, policy).starts) {
        const gang = gangOf(world, uid);
        expect(admits(world, gang)).toBe(true);
        expect(gang.notBefore ?? NOW).toBeLessThanOrEqual(NOW);
        const until = NOW + runOfParts(gang, parts, policy.planBy, policy);
        const used = new Set(parts.flatMap(({ placements }) => placements.map(({ node }) => node)));
        for (const node of world.nodes) if (used.has(node.name)) expect(closed(world, node, NOW, until)).toBe(false);
      }
    });
  });

  it('leaves no gang waiting that any placement exists for, unless a strict queue holds it back, and takes the first pool', () => {
    check(fixed, 500, (world) => {
      const { waits } = plan(world, NOW, POLICY);
      const blocked = new Set<string>();
      replay(world, (gang, books, start) => {
        const reason = waits.find(({ uid }) => uid === gang.uid)?.reason ?? '';
        const free = admits(world, gang) && (gang.notBefore ?? NOW) <= NOW && !blocked.has(gang.queue);
        const members = gang.parts[0]?.minMembers ?? 0;
        const fits = (pool: Pool) => possible(books, world, { gang, pool, members, policy: POLICY });
        expect(start !== undefined).toBe(free && poolsOf(world, gang).some(fits));
        if (start) expect(start.parts[0]?.pool).toBe(poolsOf(world, gang).find(fits)?.name);
        const strict = world.queues.find(({ name }) => name === gang.queue)?.order === 'strict';
        if (strict && free && !start && !LASTING.has(reason)) blocked.add(gang.queue);
      });
    });
  });

  it('starts an elastic gang as wide as the others leave room for, but stays in the domain it has while others wait', () => {
    const oneElastic = small.map((world) => ({
      ...world,
      waiting: world.waiting.map((gang, i) => ({ ...(i === 0 ? gang : rigid(gang)), predictions: [] })),
    }));
    check(oneElastic, 300, (world) => {
      const { starts, waits } = plan(world, NOW, POLICY);
      const [start] = starts.filter(({ uid }) => uid === world.waiting[0]?.uid);
      const gang = world.waiting[0] as WaitingGang;
      const [part] = gang.parts as [Part];
      const [started] = start?.parts ?? [];
      if (!start || !started || started.members === part.maxMembers) return;
      if (part.requiredTopology !== undefined && waits.length > 0) return;
      const books = openBooks(world);
      for (const other of starts) if (other !== start) book(books, gangOf(world, other.uid), other);
      const members = started.members + 1;
      expect(possible(books, world, { gang, pool: poolOf(world, started), members, policy: POLICY })).toBe(false);
    });
  });

  it('calls impossible only what stays so in an empty world with all nodes in good condition', () => {
    check(small, 300, (world) => {
      const nodes = world.nodes.map((node) => ({ ...node, ready: true, unschedulable: false }));
      const empty = { ...world, nodes, charged: [], foreign: [], maintenance: [] };
      const books = openBooks(empty);
      for (const { uid, reason } of plan(world, NOW, POLICY).waits) {
        const gang = { ...gangOf(world, uid), avoid: [] };
        const part = gang.parts[0] as Part;
        const fits = (pool: Pool) => possible(books, empty, { gang, pool, members: part.minMembers, policy: POLICY });
        if (reason === 'ExceedsPool' || reason === 'ExceedsQuota' || reason === 'NoMatchingNodes') {
          const usable = poolsOf(world, gang).filter((pool) =>
            world.nodes.some((n) => mayHost(n, pool, { ...part, nodeSelector: {} }, gang.avoid)),
          );
          expect(usable.some(fits)).toBe(false);
        } else if (reason.startsWith('WaitingFor') || reason === 'BackingOff') {
          expect(poolsOf(world, gang).some(fits)).toBe(true);
        }
      }
    });
  });

  it('lets nothing overtake in a strict queue but past gangs that can never start or that back off', () => {
    const strict = fc.tuple(larger, policies).map(([world, policy]) => ({
      world,
      policy: { ...policy, score: DEFAULT_POLICY.score },
    }));
    fc.assert(
      fc.property(strict, ({ world, policy }) => {
        const made = plan(world, NOW, policy);
        const { starts, waits } = made;
        const shut = new Set<string>();
        for (const { uid, queue } of ordered(world, policy, made)) {
          if (starts.some((s) => s.uid === uid)) expect(shut).not.toContain(queue);
          const reason = waits.find((w) => w.uid === uid)?.reason;
          const isStrict = world.queues.some(({ name, order }) => name === queue && order === 'strict');
          if (isStrict && reason !== undefined && !LASTING.has(reason) && reason !== 'BackingOff') shut.add(queue);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('numbers the waiting gangs of each queue 1 to n, in order', () => {
    fc.assert(
      fc.property(larger, policies, (world, any) => {
        const policy = { ...any, score: DEFAULT_POLICY.score };
        const made = plan(world, NOW, policy);
        const { waits } = made;
        for (const { name } of [...world.queues, { name: 'q2' }]) {
          const here = ordered(world, policy, made).filter(
            ({ uid, queue }) => queue === name && waits.some((w) => w.uid === uid),
          );
          const positions = here.map(({ uid }) => waits.find((w) => w.uid === uid)?.position);
          expect(positions).toEqual(here.map((_, i) => i + 1));
        }
      }),
      { numRuns: 200 },
    );
  });
});
