/** Where gangs start and how wide: alone or coupled, around maintenance, and beside the room held back from long ones. */
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../operator/core/model.ts';
import { type HoldBack, type Policy } from '../../../operator/core/plan/policy.ts';
import {
  amounts,
  endsIn,
  foreign,
  gang,
  maintenance,
  NOW,
  node,
  nodes,
  part,
  pool,
  prediction,
  queue,
  running,
} from '../snapshots.ts';
import { made, reasons, spots, started } from './plans.ts';

/** The only part of the first gang that starts. */
const first = (more: Partial<Snapshot>) => made(more).starts[0]?.parts[0];

describe('where and how wide', () => {
  it('is as wide as room and quota allow', () => {
    const elastic = gang('e', 1, 2, { minMembers: 1, maxMembers: 8 });
    expect(first({ waiting: [elastic] })?.members).toBe(4);
    const queues = [queue('default', { pools: { default: amounts(6) } })];
    expect(first({ queues, waiting: [elastic] })?.members).toBe(3);
  });

  it('is no wider than leaves those behind it their start and their reservation', () => {
    const elastic = gang('e', 1, 1, { submittedAt: 1, maxMembers: 8 });
    const result = made({ waiting: [elastic, gang('g', 1, 3, { submittedAt: 2 })] });
    expect(result.starts.map(({ uid, parts }) => [uid, parts[0]?.members])).toEqual([
      ['e', 5],
      ['g', 1],
    ]);
    const charged = [running('r', ['n0'], 2, endsIn(50))];
    const reserved = made({ charged, waiting: [elastic, gang('g', 2, 3, { submittedAt: 2 })] });
    expect(reserved.starts.map(({ uid, parts }) => [uid, parts[0]?.members])).toEqual([['e', 2]]);
    expect(reserved.reservations).toMatchObject([{ uid: 'g', at: NOW + 50 }]);
  });

  it('gives each node consecutive members', () => {
    expect(spots(first({ charged: [running('r', ['n0'], 2)], waiting: [gang('g', 5, 1)] })?.placements)).toEqual([
      'n0:0+2',
      'n1:2+3',
    ]);
  });

  it('tries pools in the order of the job, else of the queue, else of the names', () => {
    const pools = [pool('b'), pool('a')];
    expect(first({ pools, waiting: [gang('g', 1, 1)] })?.pool).toBe('a');
    const queues = [queue('default', { pools: { b: {}, a: {} } })];
    expect(first({ pools, queues, waiting: [gang('g', 1, 1)] })?.pool).toBe('b');
    expect(first({ pools, queues, waiting: [gang('g', 1, 1, { pools: ['a', 'b'] })] })?.pool).toBe('a');
  });

  it('is a later pool when the first has no room or no quota', () => {
    const pools = [
      pool('a', { selector: { matchLabels: { in: 'a' } } }),
      pool('b', { selector: { matchLabels: { in: 'b' } } }),
    ];
    const two = [node('n0', 4, { labels: { in: 'a' } }), node('n1', 8, { labels: { in: 'b' } })];
    expect(first({ nodes: two, pools, waiting: [gang('g', 1, 6)] })?.pool).toBe('b');
    const queues = [queue('default', { pools: { a: { pods: 0 }, b: {} } })];
    expect(first({ nodes: two, pools, queues, waiting: [gang('g', 1, 1)] })?.pool).toBe('b');
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
    expect(spots(first({ nodes: fleet, waiting })?.placements)).toEqual(['good:0+4']);
  });

  it('counts foreign pods, pod slots and members that still hold room, not those that ended', () => {
    const tight = [node('n0', 4, { allocatable: { pods: 3 } })];
    const charged = [running('r', ['n0', 'n0'], 1, { released: [1] })];
    const waiting = [gang('g', 1, 0.5, { minMembers: 1, maxMembers: 9 })];
    expect(first({ nodes: tight, charged, waiting })?.members).toBe(2);
    expect(first({ nodes: tight, charged, waiting, foreign: [foreign('n0', {})] })?.members).toBe(1);
    expect(made({ nodes: tight, charged, waiting, foreign: [foreign('n0', amounts(3))] }).starts).toEqual([]);
  });

  it('leaves GPU nodes to those who ask for GPUs, unless nothing else holds the gang', () => {
    const fleet = [node('gpu', 4, { allocatable: amounts(4, 64, 8) }), node('plain', 8)];
    const at = (members: number) => spots(first({ nodes: fleet, waiting: [gang('g', members, 1)] })?.placements);
    expect(at(4)).toEqual(['plain:0+4']);
    expect(at(10)).toEqual(['gpu:0+2', 'plain:2+8']);
  });
});

describe('a gang of several parts', () => {
  const pools = ['cpu', 'gpu'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
  const fleet = [
    node('c0', 4, { labels: { in: 'cpu' } }),
    node('g0', 4, { labels: { in: 'gpu' }, allocatable: amounts(4, 64, 2) }),
  ];
  const simulate = part(2, 2, { name: 'simulate', pools: ['cpu'] });
  const train = part(2, 1, { name: 'train', pools: ['gpu'], request: { ...amounts(1, 0, 1), pods: 1 } });
  const couple = (more: Partial<Snapshot> = {}, policy: Partial<Policy> = {}) =>
    made({ nodes: fleet, pools, waiting: [gang('g', 1, 1, { parts: [simulate, train] })], ...more }, policy);

  it('starts them together, each in its pool and in their order', () => {
    expect(couple().starts).toEqual([
      {
        uid: 'g',
        by: 'head',
        parts: [
          { pool: 'cpu', members: 2, placements: [{ node: 'c0', first: 0, count: 2 }] },
          { pool: 'gpu', members: 2, placements: [{ node: 'g0', first: 0, count: 2 }] },
        ],
      },
    ]);
  });

  it('starts none of them if one does not fit, and leaves what they would have held to others', () => {
    const charged = [running('r', ['g0'], 1, { pool: 'gpu', request: { ...amounts(1, 0, 1), pods: 1 } })];
    const waiting = [
      gang('g', 1, 1, { submittedAt: 1, parts: [simulate, train] }),
      gang('next', 2, 2, { pools: ['cpu'], submittedAt: 2, time: 60 }),
    ];
    expect(started(couple({ charged, waiting }))).toEqual(['next']);
    expect(couple({ charged }, { reservations: 0 }).waits).toMatchObject([
      {
        reason: 'WaitingForRoom',
        message:
          'part train needs 2 members of 1 CPU, 1 nvidia.com/gpu (2 CPU, 2 nvidia.com/gpu in all); pool gpu has room for 1 now, 1 short for want of nvidia.com/gpu',
      },
    ]);
  });

  it('puts them on the same nodes if they use the same pool, without giving room twice', () => {
    const pair = (a: number, b: number) => gang('pair', 1, 1, { parts: [part(1, a), part(1, b)] });
    const { starts } = made({ nodes: nodes(1), waiting: [pair(3, 1)] });
    expect(starts[0]?.parts.map(({ placements }) => spots(placements))).toEqual([['n0:0+1'], ['n0:0+1']]);
    const tight = made({ nodes: nodes(1, 5), charged: [running('r', ['n0'], 1)], waiting: [pair(3, 2)] });
    expect(tight.starts).toEqual([]);
    expect(tight.waits).toMatchObject([
      {
        reason: 'WaitingForRoom',
        message: expect.stringMatching(/^each of its 2 parts would fit, but not all of them together/),
      },
    ]);
  });

  it('does not let an elastic part keep the others out', () => {
    const parts = [part(1, 1, { maxMembers: 4 }), part(1, 1)];
    const { starts } = made({ nodes: nodes(1), waiting: [gang('g', 1, 1, { parts })] });
    expect(starts[0]?.parts.map(({ members }) => members)).toEqual([3, 1]);
  });

  it('charges the quota of a pool with all parts that use it', () => {
    const queues = [queue('default', { pools: { default: amounts(3) } })];
    const waiting = [gang('g', 1, 1, { parts: [part(1, 2), part(1, 2)] })];
    expect(made({ queues, waiting }).starts).toEqual([]);
    expect(started(made({ queues: [queue('default', { pools: { default: amounts(4) } })], waiting }))).toEqual(['g']);
  });
});

describe('maintenance', () => {
  const one = (from: number, until: number, time?: number) =>
    made({
      nodes: nodes(1),
      maintenance: [maintenance(from, until)],
      waiting: [gang('g', 1, 1, time === undefined ? {} : { time })],
    });

  it('is no matter to who ends before it, and keeps out who does not', () => {
    expect(started(one(100, 200, 100))).toEqual(['g']);
    const kept = one(100, 200, 101);
    expect(kept.starts).toEqual([]);
    expect(kept.reservations).toMatchObject([{ uid: 'g', at: NOW + 200, until: NOW + 301 }]);
    expect(kept.waits).toMatchObject([{ reason: 'WaitingForMaintenance' }]);
  });

  it('keeps everybody out while it lasts, and nobody after', () => {
    expect(started(one(-50, 10, 1))).toEqual([]);
    expect(one(-50, 10, 1).reservations).toMatchObject([{ at: NOW + 10 }]);
    expect(started(one(-50, 0, 999))).toEqual(['g']);
  });

  it('concerns only the nodes that it selects, in the pool that it names', () => {
    const fleet = [node('n0', 4, { labels: { row: 'a' } }), node('n1', 4, { labels: { row: 'b' } })];
    const windows = [maintenance(10, 20, { selector: { matchLabels: { row: 'a' } } })];
    const waiting = [gang('g', 1, 4, { time: 60, submittedAt: 1 }), gang('h', 1, 4, { time: 60, submittedAt: 2 })];
    const result = made({ nodes: fleet, maintenance: windows, waiting });
    expect(result.starts.map(({ uid, parts }) => [uid, parts[0]?.placements[0]?.node])).toEqual([['g', 'n1']]);
    expect(result.reservations).toMatchObject([{ uid: 'h', at: NOW + 20 }]);
    const other = made({ nodes: fleet, maintenance: [maintenance(10, 20, { pool: 'nosuch' })], waiting });
    expect(started(other)).toEqual(['g', 'h']);
  });
});

describe('hold-back', () => {
  const holdBack: HoldBack = { share: 0.5, longerThan: 600, exemptShare: 0.6, exemptWait: 3600 };
  /** One pool of 10 CPUs of which long gangs leave 5. */
  const held = (more: Partial<Snapshot>) => made({ nodes: nodes(1, 10), ...more }, { holdBack });
  const long = (name: string, cpus: number, more: Parameters<typeof gang>[3] = {}) =>
    gang(name, 1, cpus, { time: 1000, ...more });

  it('keeps a share of the pool free of long gangs, and of no other', () => {
    const waiting = [
      long('a', 3, { submittedAt: NOW - 9 }),
      long('b', 3, { submittedAt: NOW - 8 }),
      long('c', 2, { submittedAt: NOW - 7 }),
      gang('short', 1, 5, { submittedAt: NOW - 6, time: 600 }),
    ];
    const result = held({ waiting });
    expect(started(result)).toEqual(['a', 'c', 'short']);
    expect(reasons(result)).toEqual({ b: 'WaitingForRoom' });
    const alone = held({ waiting: waiting.slice(0, 2) });
    expect(alone.waits).toMatchObject([
      {
        reason: 'HeldBack',
        message: expect.stringMatching(/^is expected to run 1000s, .*: 2 CPU left to long ones;/),
      },
    ]);
    expect(alone.reservations).toMatchObject([{ uid: 'b', at: NOW + 1000 }]);
  });

  it('is over when enough long gangs have ended, those that turned out long among them', () => {
    const charged = [
      running('r', ['n0'], 2, endsIn(100)),
      running('s', ['n0'], 2, { startedAt: NOW - 700, time: 9999, predictions: [prediction(600)] }),
    ];
    const result = held({ charged, waiting: [long('a', 3)] });
    expect(reasons(result)).toEqual({ a: 'HeldBack' });
    expect(result.reservations).toMatchObject([{ uid: 'a', at: NOW + 100 }]);
    const wider = held({ charged, waiting: [long('a', 4)] });
    expect(wider.reservations).toMatchObject([{ uid: 'a', at: NOW + 350 }]);
  });

  it('judges by the high quantile of the prediction, and by age once a gang runs', () => {
    const sure = { time: 9999, predictions: [prediction(300)] };
    expect(started(held({ waiting: [long('a', 3), long('b', 3, sure)] }))).toEqual(['a', 'b']);
    const doubtful = { time: 9999, predictions: [{ q10: 1, q50: 2, q75: 601, q90: 602 }] };
    expect(started(held({ waiting: [long('a', 3), long('b', 3, doubtful)] }))).toEqual(['a']);
    const young = running('r', ['n0'], 3, { startedAt: NOW - 600, ...sure });
    expect(started(held({ charged: [young], waiting: [long('a', 3)] }))).toEqual(['a']);
    expect(started(held({ charged: [{ ...young, startedAt: NOW - 601 }], waiting: [long('a', 3)] }))).toEqual([]);
  });

  it('is not for gangs too wide for it, nor for those that waited too long', () => {
    const four = running('r', ['n0'], 4, { startedAt: NOW - 601 });
    const with4 = (...waiting: ReturnType<typeof gang>[]) => started(held({ charged: [four], waiting }));
    expect(with4(long('two', 2))).toEqual([]);
    // More than long gangs may ever have: nothing would be won by waiting.
    expect(with4(long('six', 6))).toEqual(['six']);
    expect(with4(long('patient', 2, { submittedAt: NOW - 3600 }))).toEqual([]);
    const patient = long('patient', 2, { submittedAt: NOW - 3601 });
    expect(with4(patient)).toEqual(['patient']);
    // Exempt gangs count as long all the same.
    expect(with4(patient, long('a', 1))).toEqual(['patient']);
    const narrow = made(
      { nodes: nodes(1, 10), charged: [four], waiting: [long('four', 4)] },
      { holdBack: { ...holdBack, exemptShare: 0.3 } },
    );
    expect(started(narrow)).toEqual(['four']);
  });
});
