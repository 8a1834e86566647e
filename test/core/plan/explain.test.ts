/** What waiting gangs are told: one reason, and the binding constraint in figures. */
import { describe, expect, it } from 'vitest';
import type { Plan, Snapshot } from '../../../operator/core/model.ts';
import { type HoldBack, type Policy } from '../../../operator/core/plan/policy.ts';
import {
  amounts,
  endsIn,
  foreign,
  GI,
  gang,
  maintenance,
  NOW,
  node,
  nodes,
  part,
  pool,
  queue,
  running,
} from '../snapshots.ts';
import { made } from './plans.ts';

const wait = ({ waits }: Plan, uid: string) => waits.find((w) => w.uid === uid);

const racks = ['r1', 'r2'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));
const gpus = { ...amounts(1, 0, 8), pods: 1 };

describe('what is lacking', () => {
  /** Without reservations: who holds one is told of it too. */
  const told = (world: Partial<Snapshot>) => wait(made(world, { reservations: 0 }), 'g');

  const cases: readonly [reason: string, message: string, world: Partial<Snapshot>][] = [
    [
      'WaitingForRoom',
      'needs 4 members of 2 CPU, 8Gi memory (8 CPU, 32Gi memory in all); pool default has room for 3 now, 1 short for want of CPU',
      {
        charged: [running('r', ['n0'], 1)],
        waiting: [gang('g', 4, 2, { request: { ...amounts(2, 8), pods: 1 } })],
      },
    ],
    [
      'WaitingForRoom',
      'needs at least 2 members of 1500m CPU, each on a node of its own (3 CPU in all); pool default has room for 1 now, 1 short for want of CPU; foreign pods hold 3 CPU there; of its 3 nodes 1 cordoned',
      {
        nodes: [...nodes(2), node('n2', 4, { unschedulable: true })],
        foreign: [foreign('n0', amounts(3))],
        waiting: [gang('g', 2, 1.5, { maxMembers: 3, spread: true })],
      },
    ],
    [
      'WaitingForQuota',
      'queue default has 96 of 128 nvidia.com/gpu in pool default in use; needs 64, 32 free',
      {
        nodes: Array.from({ length: 20 }, (_, i) => node(`n${i}`, 4, { allocatable: amounts(4, 64, 8) })),
        queues: [queue('default', { pools: { default: { 'nvidia.com/gpu': 128 } } })],
        charged: [
          running(
            'r',
            Array.from({ length: 12 }, (_, i) => `n${i}`),
            1,
            { request: gpus },
          ),
        ],
        waiting: [gang('g', 8, 1, { request: gpus })],
      },
    ],
    [
      'WaitingForDomain',
      'needs 4 members of 1 CPU, all in one rack; pool default has room for 6 now, but for 3 at most in one (r1), 1 short',
      {
        nodes: racks,
        charged: [running('r', ['n0', 'n1'], 1)],
        waiting: [gang('g', 4, 1, { requiredTopology: 'rack' })],
      },
    ],
    [
      'WaitingForEarlierJobs',
      'queue default is strict, and team/big before it does not fit yet',
      {
        queues: [queue('default', { order: 'strict' })],
        charged: [running('r', ['n0'], 4)],
        waiting: [gang('big', 2, 4, { submittedAt: 0 }), gang('g', 1, 1)],
      },
    ],
    [
      'BackingOff',
      'is not tried again before 2027-01-15T08:00:30Z: node n1 was lost',
      { waiting: [gang('g', 1, 1, { notBefore: NOW + 30, backoffReason: 'node n1 was lost' })] },
    ],
    ['QueueNotFound', 'queue nosuch does not exist', { waiting: [gang('g', 1, 1, { queue: 'nosuch' })] }],
    ['QueueStopped', 'queue default is stopped', { queues: [queue('default', { state: 'stopped' })] }],
    ['QueueDraining', 'queue default is draining', { queues: [queue('default', { state: 'draining' })] }],
    [
      'NamespaceNotAllowed',
      'queue default does not serve namespace team',
      { queues: [queue('default', { namespaces: ['others'] })] },
    ],
    [
      'TimeExceedsLimit',
      'asks for 7200s of walltime; queue default allows at most 3600s',
      { queues: [queue('default', { maxTime: 3600 })], waiting: [gang('g', 1, 1, { time: 7200 })] },
    ],
    [
      'TimeExceedsLimit',
      'asks for no walltime, and so for no end; queue default allows at most 3600s',
      { queues: [queue('default', { maxTime: 3600 })] },
    ],
    ['PoolNotFound', 'there is no pool', { pools: [] }],
    ['PoolNotFound', 'there is no pool named x or y', { waiting: [gang('g', 1, 1, { pools: ['x', 'y'] })] }],
    [
      'PoolNotFound',
      'the job allows pools default; queue default allows a, b',
      {
        queues: [queue('default', { pools: { a: {}, b: {} } })],
        waiting: [gang('g', 1, 1, { pools: ['default'] })],
      },
    ],
    [
      'PoolEmpty',
      'no node matches the selector of pool default',
      { pools: [pool('default', { selector: { matchLabels: { is: 'absent' } } })] },
    ],
    [
      'PoolEmpty',
      'pool default has 3 nodes, none of which can take gangs: 1 cordoned, 1 not ready, 1 tainted',
      {
        nodes: [
          node('a', 4, { ready: false }),
          node('b', 4, { unschedulable: true }),
          node('c', 4, { taints: [{ key: 'k', effect: 'NoExecute' }] }),
        ],
      },
    ],
    [
      'NoMatchingNodes',
      'none of the 2 nodes of pool default carries disk=ssd',
      { waiting: [gang('g', 1, 1, { nodeSelector: { disk: 'ssd' } })] },
    ],
    [
      'NoMatchingNodes',
      'none of the 2 nodes of pool default carries the label rack that the job’s topology requires',
      { waiting: [gang('g', 1, 1, { requiredTopology: 'rack' })] },
    ],
    [
      'ExceedsQuota',
      'needs 6 CPU for 3 members; queue default may use 4 in pool default',
      { queues: [queue('default', { pools: { default: amounts(4) } })], waiting: [gang('g', 3, 2)] },
    ],
    [
      'ExceedsPool',
      'needs 12 members of 1 CPU; pool default could hold at most 8 when empty',
      { waiting: [gang('g', 12, 1)] },
    ],
    [
      'ExceedsPool',
      'needs 6 members of 1 CPU, all in one rack; pool default could hold at most 4 when empty',
      { nodes: racks, waiting: [gang('g', 6, 1, { requiredTopology: 'rack' })] },
    ],
    [
      'ExceedsPool',
      'part train needs 1 member of 5 CPU; pool default could hold at most 0 when empty',
      { waiting: [gang('g', 1, 1, { parts: [part(1, 1, { name: 'simulate' }), part(1, 5, { name: 'train' })] })] },
    ],
    [
      'WaitingForRoom',
      'part 2 needs 1 member of 4 CPU; pool default has room for 0 now, 1 short for want of CPU',
      {
        charged: [running('r', ['n0', 'n1'], 1)],
        waiting: [gang('g', 1, 1, { parts: [part(1, 1), part(1, 4)] })],
      },
    ],
  ];

  it.each(cases)('%s: %s', (reason, message, world) => {
    expect(told({ waiting: [gang('g', 1, 1)], ...world })).toMatchObject({ reason, message });
  });

  it('is told of the pool that comes closest, and not of one in which the gang can never start', () => {
    const pools = ['a', 'b', 'c'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = [9, 9, 7].map((cpu, i) => node(`n${i}`, cpu, { labels: { in: 'abc'.charAt(i) } }));
    const charged = [running('r', ['n0'], 5), running('s', ['n1'], 3)];
    const message = 'needs 8 members of 1 CPU (8 CPU in all); pool b has room for 6 now, 2 short for want of CPU';
    expect(told({ nodes: fleet, pools, charged, waiting: [gang('g', 8, 1)] })?.message).toBe(message);
  });

  it('comes with the reservation, where the gang holds one', () => {
    const charged = [running('r', ['n0'], 4, endsIn(100))];
    expect(wait(made({ nodes: nodes(1), charged, waiting: [gang('g', 1, 1)] }), 'g')?.message).toBe(
      'needs 1 member of 1 CPU; pool default has room for 0 now, 1 short for want of CPU; room is reserved for it from 2027-01-15T08:01:40Z',
    );
  });

  it('is not a node that is down taken for one that will never come back', () => {
    const condition = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' as const };
    const two = [node('n0'), node('n1', 4, { ready: false, taints: [condition] })];
    expect(told({ nodes: two, waiting: [gang('g', 8, 1)] })?.reason).toBe('WaitingForRoom');
    const owned = [node('n0'), node('n1', 4, { taints: [{ key: 'theirs', effect: 'NoSchedule' }] })];
    expect(told({ nodes: owned, waiting: [gang('g', 8, 1)] })?.reason).toBe('ExceedsPool');
  });

  it('is the resource that is short, not the first one asked for', () => {
    const waiting = [gang('g', 2, 1, { request: { ...amounts(1, 40), pods: 1 } })];
    const held = [foreign('n0', { memory: 30 * GI })];
    expect(told({ foreign: held, waiting })?.message).toMatch(
      /1 short for want of memory; foreign pods hold 30Gi memory there$/,
    );
  });
});

describe('what is promised to others', () => {
  const one = { nodes: nodes(1) };
  const charged = [running('r', ['n0'], 2, endsIn(100))];
  const head = gang('head', 1, 4, { submittedAt: 1, time: 1000 });

  it('is named with who holds it, from when, and the walltime that would do', () => {
    const result = made({ ...one, charged, waiting: [head, gang('g', 1, 1, { time: 300 })] }, { reservations: 1 });
    expect(wait(result, 'g')).toMatchObject({
      reason: 'WouldDelayReservation',
      message:
        'fits into pool default now, but would run 300s into room reserved for team/head from 2027-01-15T08:01:40Z; one that ends by 2027-01-15T08:01:40Z could start now',
    });
    const shorter = made({ ...one, charged, waiting: [head, gang('g', 1, 1, { time: 100 })] });
    expect(shorter.starts.map(({ uid }) => uid)).toEqual(['g']);
  });

  it('is the first that keeps the gang out, not the first that keeps a single member out', () => {
    // 2 of 8 CPUs are free; from +100 one is left for members of 1 CPU, from +200 none.
    const held = [running('a', ['n0'], 3, endsIn(100)), running('b', ['n0'], 3, endsIn(200))];
    const waiting = [
      gang('h1', 1, 4, { submittedAt: 1, time: 5000 }),
      gang('h2', 1, 4, { submittedAt: 2, time: 5000 }),
      gang('g', 2, 1, { submittedAt: 3, time: 500 }),
    ];
    expect(wait(made({ nodes: nodes(1, 8), charged: held, waiting }), 'g')?.message).toMatch(
      /reserved for team\/h1 from 2027-01-15T08:01:40Z; one that ends by 2027-01-15T08:01:40Z could start now;/,
    );
  });

  it('is told of the domain that would have held the gang, though others have room for it together', () => {
    const three = ['r1', 'r2', 'r3'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));
    const waiting = [
      gang('head', 1, 3, { submittedAt: 1, time: 1000, nodeSelector: { rack: 'r1' } }),
      gang('g', 2, 1, { time: 500, requiredTopology: 'rack' }),
    ];
    const held = [...charged, running('s', ['n1', 'n2'], 3)];
    expect(wait(made({ nodes: three, charged: held, waiting }), 'g')?.message).toMatch(
      /reserved for team\/head from 2027-01-15T08:01:40Z; one that ends by 2027-01-15T08:01:40Z could start now/,
    );
  });

  it('may be quota, of which others leave too little', () => {
    const waiting = [gang('head', 1, 3, { submittedAt: 1, time: 1000 }), gang('g', 2, 1, { time: 300 })];
    // 2 are free now; from +100 the head leaves none of 3, and 1 of 4.
    for (const quota of [3, 4]) {
      const queues = [queue('default', { pools: { default: amounts(quota) } })];
      const held = [running('r', ['n0'], quota - 2, endsIn(100))];
      expect(wait(made({ nodes: nodes(3), queues, charged: held, waiting }), 'g')).toMatchObject({
        reason: 'WouldDelayReservation',
        message: expect.stringMatching(
          /reserved for team\/head from .*; one that ends by 2027-01-15T08:01:40Z could start now;/,
        ),
      });
    }
  });

  it('may be maintenance', () => {
    const result = made({ ...one, maintenance: [maintenance(50, 500)], waiting: [gang('g', 1, 1, { time: 300 })] });
    expect(wait(result, 'g')).toMatchObject({
      reason: 'WaitingForMaintenance',
      message:
        'fits into pool default now, but would run 300s into room reserved for maintenance from 2027-01-15T08:00:50Z; one that ends by 2027-01-15T08:00:50Z could start now; room is reserved for it from 2027-01-15T08:08:20Z',
    });
  });

  it('is not its own: a gang of several parts is told that they do not fit together', () => {
    const pair = gang('pair', 1, 1, { parts: [part(1, 1), part(1, 1)] });
    const held = [running('r', ['n0'], 3, endsIn(50))];
    expect(wait(made({ ...one, charged: held, waiting: [pair] }), 'pair')).toMatchObject({
      reason: 'WaitingForRoom',
      message:
        'each of its 2 parts would fit, but not all of them together; room is reserved for it from 2027-01-15T08:00:50Z',
    });
  });
});

describe('what is held back', () => {
  const holdBack: HoldBack = { share: 0.5, longerThan: 600, exemptShare: 1, exemptWait: 3600 };

  it('is told with what is left to long gangs', () => {
    const charged = [running('r', ['n0'], 3)];
    const result = made({ charged, waiting: [gang('g', 1, 2, { time: 700 })] }, { holdBack, reservations: 0 });
    expect(wait(result, 'g')).toMatchObject({
      reason: 'HeldBack',
      message:
        'is expected to run 700s, and pool default keeps some of its room for shorter jobs: 1 CPU left to long ones; a shorter walltime would let it start',
    });
    const shorter = made({ charged, waiting: [gang('g', 1, 2, { time: 600 })] }, { holdBack });
    expect(shorter.starts).toHaveLength(1);
  });
});

describe('a place in the queue', () => {
  it('counts those of the same queue that wait before it, in the order of the policy', () => {
    const queues = [queue(), queue('other')];
    const waiting = [
      gang('c', 2, 4, { submittedAt: 3, time: 10 }),
      gang('a', 2, 4, { submittedAt: 1, time: 30 }),
      gang('b', 2, 4, { submittedAt: 2, time: 20 }),
      gang('x', 2, 4, { submittedAt: 2, queue: 'other' }),
    ];
    const charged = [running('r', ['n0'], 1)];
    const places = (policy: Partial<Policy>) =>
      made({ queues, charged, waiting }, policy).waits.map(({ uid, position }) => `${uid}${position}`);
    expect(places({})).toEqual(['a1', 'b2', 'x1', 'c3']);
    expect(places({ score: { name: 'sjf' } })).toEqual(['c1', 'b2', 'a3', 'x1']);
    expect(places({ candidates: 'shortest', reservations: 0 })).toEqual(['a1', 'b2', 'x1', 'c3']);
  });
});
