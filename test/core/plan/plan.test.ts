import { describe, expect, it } from 'vitest';
import type { Placement, Plan, Snapshot } from '../../operator/core/model.ts';
import { plan } from '../../operator/core/plan.ts';
import { amounts, foreign, GI, gang, NOW, node, nodes, pool, queue, running, snapshot } from './snapshots.ts';

const made = (more: Partial<Snapshot>): Plan => plan(snapshot(more), NOW);
const started = ({ starts }: Plan) => starts.map(({ uid }) => uid);
const spots = (placements: readonly Placement[] | undefined) =>
  placements?.map(({ node, first, count }) => `${node}:${first}+${count}`);
const wait = ({ waits }: Plan, uid: string) => waits.find((w) => w.uid === uid);

describe('order', () => {
  it('goes by priority, then age, then UID', () => {
    const waiting = [
      gang('b', 1, 4, { submittedAt: 1 }),
      gang('a', 1, 4, { submittedAt: 1 }),
      gang('old', 1, 4, { submittedAt: 0 }),
      gang('high', 1, 4, { submittedAt: 2, priority: 5 }),
    ];
    expect(started(made({ nodes: nodes(4), waiting }))).toEqual(['high', 'old', 'a', 'b']);
  });

  it('counts no priority above what the queue allows', () => {
    const queues = [queue('default'), queue('capped', { maxPriority: 1 })];
    const waiting = [gang('loud', 1, 4, { queue: 'capped', priority: 9 }), gang('two', 1, 4, { priority: 2 })];
    expect(started(made({ queues, waiting }))).toEqual(['two', 'loud']);
  });

  it('lets later gangs start past one that does not fit in a skipping queue', () => {
    const result = made({
      waiting: [gang('big', 3, 4, { submittedAt: 0, minMembers: 2, request: amounts(3) }), gang('small', 1, 1)],
    });
    expect(started(result)).toEqual(['big', 'small']);
    const full = made({
      charged: [running('r', ['n0'], 4)],
      waiting: [gang('big', 2, 4, { submittedAt: 0 }), gang('small', 1, 1)],
    });
    expect(started(full)).toEqual(['small']);
  });

  it('lets nobody past one that does not fit in a strict queue, but past one that never could', () => {
    const queues = [queue('default', { order: 'strict' }), queue('other')];
    const waiting = [
      gang('never', 9, 4, { submittedAt: 0 }),
      gang('resting', 1, 1, { submittedAt: 1, notBefore: NOW + 60 }),
      gang('fits', 1, 1, { submittedAt: 2 }),
      gang('blocks', 2, 4, { submittedAt: 3 }),
      gang('behind', 1, 1, { submittedAt: 4 }),
      gang('tooLarge', 9, 4, { submittedAt: 5 }),
      gang('elsewhere', 1, 1, { submittedAt: 6, queue: 'other' }),
    ];
    const result = made({ queues, waiting });
    expect(started(result)).toEqual(['fits', 'elsewhere']);
    expect(result.waits.map(({ uid, position, reason }) => [uid, position, reason])).toEqual([
      ['never', 1, 'ExceedsPool'],
      ['resting', 2, 'BackingOff'],
      ['blocks', 3, 'WaitingForRoom'],
      ['behind', 4, 'WaitingForEarlierJobs'],
      ['tooLarge', 5, 'ExceedsPool'],
    ]);
  });
});

describe('where and how wide', () => {
  it('starts as wide as room and quota allow', () => {
    const elastic = gang('e', 1, 2, { minMembers: 1, maxMembers: 8 });
    expect(made({ waiting: [elastic] }).starts[0]?.members).toBe(4);
    const queues = [queue('default', { pools: { default: amounts(6) } })];
    expect(made({ queues, waiting: [elastic] }).starts[0]?.members).toBe(3);
  });

  it('gives each node consecutive members', () => {
    const { starts } = made({ charged: [running('r', ['n0'], 2)], waiting: [gang('g', 5, 1)] });
    expect(spots(starts[0]?.placements)).toEqual(['n0:0+2', 'n1:2+3']);
  });

  it('tries pools in the order of the job, else of the queue, else of the names', () => {
    const pools = [pool('b'), pool('a')];
    const first = (more: Partial<Snapshot>) => made({ pools, ...more }).starts[0]?.pool;
    expect(first({ waiting: [gang('g', 1, 1)] })).toBe('a');
    const queues = [queue('default', { pools: { b: {}, a: {} } })];
    expect(first({ queues, waiting: [gang('g', 1, 1)] })).toBe('b');
    expect(first({ queues, waiting: [gang('g', 1, 1, { pools: ['a', 'b'] })] })).toBe('a');
  });

  it('goes to a later pool when the first has no room or no quota', () => {
    const pools = [
      pool('a', { selector: { matchLabels: { in: 'a' } } }),
      pool('b', { selector: { matchLabels: { in: 'b' } } }),
    ];
    const two = [node('n0', 4, { labels: { in: 'a' } }), node('n1', 8, { labels: { in: 'b' } })];
    expect(made({ nodes: two, pools, waiting: [gang('g', 1, 6)] }).starts[0]?.pool).toBe('b');
    const queues = [queue('default', { pools: { a: { pods: 0 }, b: {} } })];
    expect(made({ nodes: two, pools, queues, waiting: [gang('g', 1, 1)] }).starts[0]?.pool).toBe('b');
  });

  it('keeps to nodes that are ready, open, tolerated, alike and not avoided', () => {
    const taints = [{ key: 'mine', effect: 'NoSchedule' as const }];
    const fleet = [
      node('down', 4, { ready: false }),
      node('cordoned', 4, { unschedulable: true }),
      node('tainted', 4, { taints }),
      node('unlike', 4),
      node('avoided', 4, { labels: { disk: 'ssd' } }),
      node('good', 4, { labels: { disk: 'ssd' } }),
    ];
    const waiting = [
      gang('g', 1, 1, { minMembers: 1, maxMembers: 99, nodeSelector: { disk: 'ssd' }, avoid: ['avoided'] }),
    ];
    expect(spots(made({ nodes: fleet, waiting }).starts[0]?.placements)).toEqual(['good:0+4']);
  });

  it('counts foreign pods, pod slots and members that still hold room, not those that ended', () => {
    const tight = [node('n0', 4, { allocatable: { pods: 3 } })];
    const charged = [running('r', ['n0', 'n0'], 1, { released: [1] })];
    const waiting = [gang('g', 1, 0.5, { minMembers: 1, maxMembers: 9 })];
    expect(made({ nodes: tight, charged, waiting }).starts[0]?.members).toBe(2);
    expect(made({ nodes: tight, charged, waiting, foreign: [foreign('n0', {})] }).starts[0]?.members).toBe(1);
    expect(made({ nodes: tight, charged, waiting, foreign: [foreign('n0', amounts(3))] }).starts).toEqual([]);
  });

  it('leaves GPU nodes to those who ask for GPUs, unless nothing else holds the gang', () => {
    const fleet = [node('gpu', 4, { allocatable: amounts(4, 64, 8) }), node('plain', 8)];
    const at = (members: number) =>
      spots(made({ nodes: fleet, waiting: [gang('g', members, 1)] }).starts[0]?.placements);
    expect(at(4)).toEqual(['plain:0+4']);
    expect(at(10)).toEqual(['gpu:0+2', 'plain:2+8']);
  });
});

describe('several gangs in one plan', () => {
  const fleet = ['r1', 'r2'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));

  it('never get the same room, domain after domain', () => {
    const waiting = ['a', 'b', 'c'].map((name) => gang(name, 3, 1, { requiredTopology: 'rack' }));
    const result = made({ nodes: fleet, waiting });
    expect(result.starts.map(({ placements }) => spots(placements))).toEqual([['n0:0+3'], ['n1:0+3']]);
    expect(wait(result, 'c')?.reason).toBe('WaitingForRoom');
  });

  it('never get the same quota', () => {
    const queues = [queue('default', { pools: { default: amounts(4) } })];
    const result = made({ queues, waiting: ['a', 'b', 'c'].map((name) => gang(name, 1, 2)) });
    expect(started(result)).toEqual(['a', 'b']);
    expect(wait(result, 'c')?.message).toBe('queue default has 4 of 4 CPU in pool default in use; needs 2, 0 free');
  });
});

describe('estimated start', () => {
  it('is told of the first 64 waiting gangs', () => {
    const charged = [running('r', ['n0'], 4, { endsBy: NOW + 10 })];
    const waiting = Array.from({ length: 70 }, (_, i) => gang(`g${i}`, 1, 4, { submittedAt: i, time: 10 }));
    const { waits } = made({ nodes: nodes(1), charged, waiting });
    const told = waits.map(({ estimatedStart }) => estimatedStart);
    expect(told).toEqual(waiting.map((_, i) => (i < 64 ? NOW + 10 * (i + 1) : undefined)));
  });

  it('is when the walltimes of the gangs before it have made room', () => {
    const charged = [running('a', ['n0'], 4, { endsBy: NOW + 100 }), running('b', ['n1'], 4, { endsBy: NOW + 300 })];
    const waiting = [
      gang('first', 1, 4, { submittedAt: 1, time: 50 }),
      gang('wide', 2, 4, { submittedAt: 2, time: 10 }),
      gang('last', 1, 4, { submittedAt: 3, time: 10 }),
    ];
    const strict = made({ queues: [queue('default', { order: 'strict' })], charged, waiting });
    expect(strict.waits.map(({ estimatedStart }) => (estimatedStart ?? 0) - NOW)).toEqual([100, 300, 310]);
    const skipping = made({ charged, waiting });
    expect(skipping.waits.map(({ estimatedStart }) => (estimatedStart ?? 0) - NOW)).toEqual([100, 300, 150]);
  });

  it('counts a gang past its walltime as ending now, and the gangs this plan starts', () => {
    const late = made({
      nodes: nodes(1),
      charged: [running('late', ['n0'], 4, { endsBy: NOW - 50 })],
      waiting: [gang('g', 1, 4)],
    });
    expect(wait(late, 'g')?.estimatedStart).toBe(NOW);
    const waiting = [gang('one', 1, 4, { submittedAt: 1, time: 70 }), gang('two', 1, 4, { submittedAt: 2 })];
    expect(wait(made({ nodes: nodes(1), waiting }), 'two')?.estimatedStart).toBe(NOW + 70);
  });

  it('is absent where it depends on a gang without walltime, and for gangs that can never start', () => {
    const charged = [running('a', ['n0'], 4), running('b', ['n1'], 4, { endsBy: NOW + 10 })];
    const result = made({ charged, waiting: [gang('one', 1, 4), gang('two', 2, 4), gang('never', 3, 4)] });
    expect(wait(result, 'one')?.estimatedStart).toBe(NOW + 10);
    expect(wait(result, 'two')).not.toHaveProperty('estimatedStart');
    expect(wait(result, 'never')).not.toHaveProperty('estimatedStart');
  });

  it('waits for quota and back-off too', () => {
    const queues = [queue('default', { pools: { default: amounts(4) } })];
    const charged = [running('a', ['n0'], 4, { endsBy: NOW + 40 })];
    expect(wait(made({ queues, charged, waiting: [gang('g', 1, 1)] }), 'g')?.estimatedStart).toBe(NOW + 40);
    expect(wait(made({ waiting: [gang('g', 1, 1, { notBefore: NOW + 9 })] }), 'g')?.estimatedStart).toBe(NOW + 9);
  });
});

describe('reasons', () => {
  const racks = ['r1', 'r2'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));
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
            { request: amounts(1, 0, 8) },
          ),
        ],
        waiting: [gang('g', 8, 1, { request: amounts(1, 0, 8) })],
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
  ];

  it.each(cases)('%s: %s', (reason, message, world) => {
    const result = made({ waiting: [gang('g', 1, 1)], ...world });
    expect(wait(result, 'g')).toMatchObject({ reason, message });
  });

  it('speaks of the pool that comes closest, and not of one in which the gang can never start', () => {
    const pools = ['a', 'b', 'c'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = [9, 9, 7].map((cpu, i) => node(`n${i}`, cpu, { labels: { in: 'abc'.charAt(i) } }));
    const charged = [running('r', ['n0'], 5), running('s', ['n1'], 3)];
    const message = 'needs 8 members of 1 CPU (8 CPU in all); pool b has room for 6 now, 2 short for want of CPU';
    expect(wait(made({ nodes: fleet, pools, charged, waiting: [gang('g', 8, 1)] }), 'g')?.message).toBe(message);
  });

  it('does not take a node that is down for one that will never come back', () => {
    const condition = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' as const };
    const two = [node('n0'), node('n1', 4, { ready: false, taints: [condition] })];
    expect(wait(made({ nodes: two, waiting: [gang('g', 8, 1)] }), 'g')?.reason).toBe('WaitingForRoom');
    const owned = [node('n0'), node('n1', 4, { taints: [{ key: 'theirs', effect: 'NoSchedule' }] })];
    expect(wait(made({ nodes: owned, waiting: [gang('g', 8, 1)] }), 'g')?.reason).toBe('ExceedsPool');
  });

  it('names the resource that is short, not the first one asked for', () => {
    const waiting = [gang('g', 2, 1, { request: { ...amounts(1, 40), pods: 1 } })];
    const held = [foreign('n0', { memory: 30 * GI })];
    expect(wait(made({ foreign: held, waiting }), 'g')?.message).toMatch(
      /1 short for want of memory; foreign pods hold 30Gi memory there$/,
    );
  });
});
