import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Placement, Pool, Snapshot, Start, WaitingGang } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan.ts';
import { admits, book, mayHost, openBooks, ordered, poolsOf, possible } from './oracle.ts';
import { NOW, shuffled, worlds } from './worlds.ts';

const small = worlds({ nodes: 5, waiting: 6 });
const larger = worlds({ nodes: 7, waiting: 24 });

/** Reasons that hold until somebody changes something: gangs that wait for them never block a strict queue. */
const LASTING = new Set([
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

function check(arb: fc.Arbitrary<Snapshot>, runs: number, property: (world: Snapshot) => void): void {
  fc.assert(fc.property(arb, property), { numRuns: runs });
}

const gangOf = (world: Snapshot, uid: string): WaitingGang => {
  const gang = world.waiting.find((g) => g.uid === uid);
  if (!gang) throw new Error(`the plan speaks of ${uid}, which does not wait`);
  return gang;
};

const poolOf = (world: Snapshot, start: Start): Pool => {
  const pool = world.pools.find(({ name }) => name === start.pool);
  if (!pool) throw new Error(`the plan uses pool ${start.pool}, which does not exist`);
  return pool;
};

const membersOf = (placements: readonly Placement[]) =>
  placements.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));

/** Room and quota as the gang met them: the snapshot's, less what was started before it. */
function replay(
  world: Snapshot,
  visit: (gang: WaitingGang, books: ReturnType<typeof openBooks>, start: Start | undefined) => void,
) {
  const { starts } = plan(world, NOW);
  const books = openBooks(world);
  for (const gang of ordered(world)) {
    const start = starts.find(({ uid }) => uid === gang.uid);
    visit(gang, books, start);
    if (start) book(books, gang, start);
  }
}

describe('a plan', () => {
  it('has every waiting gang exactly once', () => {
    check(larger, 300, (world) => {
      const { starts, waits } = plan(world, NOW);
      const told = [...starts, ...waits].map(({ uid }) => uid).sort();
      expect(told).toEqual(world.waiting.map(({ uid }) => uid).sort());
    });
  });

  it('is the same for the same world, in whatever order its lists are', () => {
    const pairs = larger.chain((world) => fc.tuple(fc.constant(world), shuffled(world)));
    fc.assert(
      fc.property(pairs, ([world, mixed]) => {
        expect(plan(mixed, NOW)).toEqual(plan(world, NOW));
      }),
      { numRuns: 300 },
    );
  });

  it('does not change the world it is given', () => {
    check(small, 100, (world) => {
      const before = structuredClone(world);
      plan(world, NOW);
      expect(world).toEqual(before);
    });
  });

  it('starts whole gangs: members 0 to n - 1, each once, as many as the job allows', () => {
    check(larger, 300, (world) => {
      for (const { uid, members, placements } of plan(world, NOW).starts) {
        const gang = gangOf(world, uid);
        expect(membersOf(placements)).toEqual(Array.from({ length: members }, (_, i) => i));
        expect(members).toBeGreaterThanOrEqual(gang.minMembers);
        expect(members).toBeLessThanOrEqual(gang.maxMembers);
        expect(new Set(placements.map(({ node }) => node)).size).toBe(placements.length);
        if (gang.spread) expect(placements.every(({ count }) => count === 1)).toBe(true);
      }
    });
  });

  it('uses only nodes that may host the gang, in one domain where that is required', () => {
    check(larger, 300, (world) => {
      for (const start of plan(world, NOW).starts) {
        const gang = gangOf(world, start.uid);
        expect(poolsOf(world, gang)).toContain(poolOf(world, start));
        const hosts = start.placements.map(({ node }) => world.nodes.find(({ name }) => name === node));
        expect(hosts.every((node) => node && mayHost(node, poolOf(world, start), gang))).toBe(true);
        const { requiredTopology: key } = gang;
        if (key === undefined) continue;
        const values = new Set(hosts.map((node) => node?.labels[key]));
        expect([values.size, values.has(undefined)]).toEqual([1, false]);
      }
    });
  });

  it('goes over no capacity of any node, and over no quota', () => {
    check(larger, 500, (world) => {
      replay(world, (gang, books, start) => {
        if (!start) return;
        const after = structuredClone(books);
        book(after, gang, start);
        const limits = world.queues.find(({ name }) => name === gang.queue)?.pools?.[start.pool] ?? {};
        // What was overdrawn before is not the plan's doing, but nothing may be added to it.
        for (const [resource, amount] of Object.entries(gang.request)) {
          if (amount === 0) continue;
          for (const { node } of start.placements)
            expect(after.free.get(node)?.get(resource)).toBeGreaterThanOrEqual(0);
          const charged = after.charged.get(`${gang.queue} ${start.pool}`)?.get(resource);
          expect(charged).toBeLessThanOrEqual(limits[resource] ?? Number.POSITIVE_INFINITY);
        }
      });
    });
  });

  it('starts nothing that its queue does not take, or that backs off', () => {
    check(larger, 300, (world) => {
      for (const { uid } of plan(world, NOW).starts) {
        const gang = gangOf(world, uid);
        expect(admits(world, gang)).toBe(true);
        expect(gang.notBefore ?? NOW).toBeLessThanOrEqual(NOW);
      }
    });
  });

  it('leaves no gang waiting that any placement exists for, unless a strict queue holds it back', () => {
    check(small, 1000, (world) => {
      const { waits } = plan(world, NOW);
      const blocked = new Set<string>();
      replay(world, (gang, books, start) => {
        const reason = waits.find(({ uid }) => uid === gang.uid)?.reason ?? '';
        const free = admits(world, gang) && (gang.notBefore ?? NOW) <= NOW && !blocked.has(gang.queue);
        const any = poolsOf(world, gang).some((pool) => possible(books, world, gang, pool, gang.minMembers));
        expect(start !== undefined).toBe(free && any);
        const strict = world.queues.find(({ name }) => name === gang.queue)?.order === 'strict';
        if (strict && free && !start && !LASTING.has(reason)) blocked.add(gang.queue);
      });
    });
  });

  it('takes the first pool that fits, and there the widest that fits', () => {
    check(small, 500, (world) => {
      replay(world, (gang, books, start) => {
        if (!start) return;
        const fits = poolsOf(world, gang).filter((pool) => possible(books, world, gang, pool, gang.minMembers));
        expect(fits[0]?.name).toBe(start.pool);
        const wider = start.members + 1;
        if (wider > gang.maxMembers) return;
        expect(possible(books, world, gang, poolOf(world, start), wider)).toBe(false);
      });
    });
  });

  it('calls impossible only what stays so in an empty world with all nodes in good condition', () => {
    check(small, 500, (world) => {
      const nodes = world.nodes.map((node) => ({ ...node, ready: true, unschedulable: false }));
      const empty = { ...world, nodes, charged: [], foreign: [] };
      const books = openBooks(empty);
      for (const { uid, reason } of plan(world, NOW).waits) {
        const gang = { ...gangOf(world, uid), avoid: [] };
        const any = poolsOf(world, gang).some((pool) => possible(books, empty, gang, pool, gang.minMembers));
        if (reason === 'ExceedsPool' || reason === 'ExceedsQuota' || reason === 'NoMatchingNodes') {
          const usable = poolsOf(world, gang).filter((pool) =>
            world.nodes.some((n) => mayHost(n, pool, { ...gang, nodeSelector: {} })),
          );
          expect(usable.some((pool) => possible(books, empty, gang, pool, gang.minMembers))).toBe(false);
        } else if (reason.startsWith('WaitingFor') || reason === 'BackingOff') expect(any).toBe(true);
      }
    });
  });

  it('lets nothing overtake in a strict queue but past gangs that can never start or that back off', () => {
    check(larger, 300, (world) => {
      const { starts, waits } = plan(world, NOW);
      const shut = new Set<string>();
      for (const { uid, queue } of ordered(world)) {
        if (starts.some((s) => s.uid === uid)) expect(shut).not.toContain(queue);
        const reason = waits.find((w) => w.uid === uid)?.reason;
        const strict = world.queues.some(({ name, order }) => name === queue && order === 'strict');
        if (strict && reason !== undefined && !LASTING.has(reason) && reason !== 'BackingOff') shut.add(queue);
      }
    });
  });

  it('numbers the waiting gangs of each queue 1 to n, in order', () => {
    check(larger, 200, (world) => {
      const { waits } = plan(world, NOW);
      for (const { name } of [...world.queues, { name: 'q2' }]) {
        const here = ordered(world).filter(({ uid, queue }) => queue === name && waits.some((w) => w.uid === uid));
        const positions = here.map(({ uid }) => waits.find((w) => w.uid === uid)?.position);
        expect(positions).toEqual(here.map((_, i) => i + 1));
      }
    });
  });

  it('tells when a lone gang starts: then it does, and not a second before', () => {
    const lone = worlds({ nodes: 5, waiting: 1 });
    check(lone, 1000, (world) => {
      const at = plan(world, NOW).waits[0]?.estimatedStart;
      if (at === undefined) return;
      expect(at).toBeGreaterThanOrEqual(NOW);
      const then = (time: number) => ({
        ...world,
        charged: world.charged.filter(({ endsBy = Number.POSITIVE_INFINITY }) => endsBy > time),
      });
      expect(plan(then(at), at).starts).toHaveLength(1);
      if (at > NOW) expect(plan(then(at - 1), at - 1).starts).toHaveLength(0);
    });
  });
});
