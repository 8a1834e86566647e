/** What is held for gangs that cannot start yet: when, where, and against whom. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../operator/core/model.ts';
import {
  amounts,
  endsIn,
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
import { made, started } from './plans.ts';

/** Reservations as [uid, from, until], in seconds from NOW. */
const reserved = ({ reservations }: Plan) => reservations.map(({ uid, at, until }) => [uid, at - NOW, until - NOW]);
const nodesOf = ({ reservations }: Plan) =>
  reservations.map(({ parts }) => parts.flatMap(({ placements }) => placements.map(({ node }) => node)));

describe('a reservation', () => {
  it('begins when enough has ended and lasts as long as the gang should run', () => {
    const charged = [running('a', ['n0'], 4, endsIn(100)), running('b', ['n1'], 4, endsIn(300))];
    const waiting = [
      gang('first', 1, 4, { submittedAt: 1, time: 50 }),
      gang('wide', 2, 4, { submittedAt: 2, time: 10 }),
      gang('last', 1, 4, { submittedAt: 3, time: 10 }),
    ];
    expect(reserved(made({ charged, waiting }))).toEqual([
      ['first', 100, 150],
      ['wide', 300, 310],
      ['last', 150, 160],
    ]);
  });

  it('is planned by the estimate that the policy names, of the gang and of those that run', () => {
    const doubtful = { time: 1000, predictions: [{ q10: 10, q50: 50, q75: 75, q90: 90 }] };
    const charged = [running('r', ['n0'], 4, { startedAt: NOW - 20, ...doubtful })];
    const world = { nodes: nodes(1), charged, waiting: [gang('g', 1, 4, doubtful)] };
    expect(reserved(made(world, { planBy: 'q50' }))).toEqual([['g', 30, 80]]);
    expect(reserved(made(world, { planBy: 'q90' }))).toEqual([['g', 70, 160]]);
    expect(reserved(made(world, { planBy: 'limit' }))).toEqual([['g', 980, 1980]]);
    expect(reserved(made(world, { planBy: 'q50', runningBy: 'limit' }))).toEqual([['g', 980, 1030]]);
  });

  it('waits half as long again for a gang that outran its prediction, but never beyond its walltime', () => {
    const at = (age: number, time?: number) => {
      const run = { startedAt: NOW - age, predictions: [prediction(50)], ...(time === undefined ? {} : { time }) };
      return reserved(
        made({ nodes: nodes(1), charged: [running('r', ['n0'], 4, run)], waiting: [gang('g', 1, 4, { time: 9 })] }),
      );
    };
    expect(at(1000)).toEqual([['g', 500, 509]]);
    expect(at(60)).toEqual([['g', 60, 69]]);
    expect(at(1000, 1200)).toEqual([['g', 200, 209]]);
    expect(at(1000, 900)).toEqual([['g', 1, 10]]);
  });

  it('counts a gang without walltime and prediction as long as the policy assumes', () => {
    const charged = [running('r', ['n0'], 4)];
    const waiting = [gang('g', 1, 4, { time: 5 })];
    expect(reserved(made({ nodes: nodes(1), charged, waiting }, { unlimited: 7200 }))).toEqual([['g', 3600, 3605]]);
  });

  it('takes room that is fit for it: its nodes, its domain, its shape', () => {
    const fleet = ['r1', 'r1', 'r2', 'r2'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));
    const charged = [
      running('a', ['n0'], 4, endsIn(10)),
      running('b', ['n2'], 4, endsIn(20)),
      running('c', ['n1'], 4, endsIn(30)),
      running('d', ['n3'], 4, endsIn(40)),
    ];
    const of = (more: Parameters<typeof gang>[3]) =>
      made({ nodes: fleet, charged, waiting: [gang('g', 2, 4, { time: 5, ...more })] });
    expect([reserved(of({})), nodesOf(of({}))]).toEqual([[['g', 20, 25]], [['n0', 'n2']]]);
    const together = of({ requiredTopology: 'rack' });
    expect([reserved(together), nodesOf(together)]).toEqual([[['g', 30, 35]], [['n0', 'n1']]]);
    const picky = of({ requiredTopology: 'rack', avoid: ['n1'] });
    expect([reserved(picky), nodesOf(picky)]).toEqual([[['g', 40, 45]], [['n2', 'n3']]]);
  });

  it('takes the pool that is free first', () => {
    const pools = ['a', 'b'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = ['a', 'b'].map((name, i) => node(`n${i}`, 4, { labels: { in: name } }));
    const charged = [
      running('r', ['n0'], 4, { pool: 'a', ...endsIn(90) }),
      running('s', ['n1'], 4, { pool: 'b', ...endsIn(60) }),
    ];
    const result = made({ nodes: fleet, pools, charged, waiting: [gang('g', 1, 4)] });
    expect(result.reservations).toMatchObject([{ at: NOW + 60, parts: [{ pool: 'b' }] }]);
  });

  it('is made for the fewest members of an elastic gang', () => {
    const charged = [running('r', ['n0'], 4, endsIn(60)), running('s', ['n1'], 4, endsIn(90))];
    const result = made({ charged, waiting: [gang('g', 4, 1, { maxMembers: 8 })] });
    expect(result.reservations).toMatchObject([{ at: NOW + 60, parts: [{ members: 4 }] }]);
  });

  it('is held for no gang that could never start, backs off, or waits behind another in a strict queue', () => {
    const queues = [queue('default', { order: 'strict' })];
    const waiting = [
      gang('never', 9, 4, { submittedAt: 0 }),
      gang('resting', 1, 1, { submittedAt: 1, notBefore: NOW + 60 }),
      gang('blocks', 2, 4, { submittedAt: 2, time: 10 }),
      gang('behind', 1, 1, { submittedAt: 3 }),
    ];
    const charged = [running('r', ['n0'], 4, endsIn(60))];
    expect(reserved(made({ queues, charged, waiting }))).toEqual([['blocks', 60, 70]]);
  });
});

describe('reservations', () => {
  /** One machine of 4 CPUs, full for 100 s, and a queue of gangs that need all of it for 10 s. */
  const machine = (names: readonly string[]) => ({
    nodes: nodes(1),
    charged: [running('r', ['n0'], 4, endsIn(100))],
    waiting: names.map((name, i) => gang(name, 1, 4, { submittedAt: i, time: 10 })),
  });

  it('are as many in each pool as the policy says', () => {
    const all = [
      ['a', 100, 110],
      ['b', 110, 120],
      ['c', 120, 130],
    ];
    for (const [K, count] of [
      [0, 0],
      [1, 1],
      [2, 2],
      [Number.POSITIVE_INFINITY, 3],
    ] as const) {
      expect(reserved(made(machine(['a', 'b', 'c']), { reservations: K }))).toEqual(all.slice(0, count));
    }
  });

  it('are held back from those in other pools by nothing but the nodes they share', () => {
    const pools = ['a', 'b'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = ['a', 'b'].map((name, i) => node(`n${i}`, 4, { labels: { in: name } }));
    const charged = ['a', 'b'].map((name, i) => running(name, [`n${i}`], 4, { pool: name, ...endsIn(50 + i) }));
    const waiting = ['a', 'b', 'a', 'b'].map((name, i) =>
      gang(`g${i}`, 1, 4, { submittedAt: i, time: 10, pools: [name] }),
    );
    expect(reserved(made({ nodes: fleet, pools, charged, waiting }, { reservations: 1 }))).toEqual([
      ['g0', 50, 60],
      ['g1', 51, 61],
    ]);
  });

  it('of those further down fill the gaps before an earlier one, but never move it', () => {
    const charged = [running('r', ['n0'], 3, endsIn(50)), running('s', ['n1'], 4, endsIn(100))];
    const head = gang('head', 2, 4, { submittedAt: 1, time: 100 });
    const next = (time: number) => gang('next', 2, 2, { submittedAt: 2, time });
    expect(reserved(made({ charged, waiting: [head, next(50)] }))).toEqual([
      ['head', 100, 200],
      ['next', 50, 100],
    ]);
    expect(reserved(made({ charged, waiting: [head, next(51)] }))).toEqual([
      ['head', 100, 200],
      ['next', 200, 251],
    ]);
  });

  it('all of them, keep later gangs from starting: conservative backfill starts less than EASY', () => {
    const charged = [running('r', ['n0'], 3, endsIn(50)), running('s', ['n1'], 3, endsIn(100))];
    const waiting = [
      gang('head', 1, 4, { submittedAt: 1, time: 100 }),
      gang('second', 1, 4, { submittedAt: 2, time: 100 }),
      gang('g', 1, 1, { submittedAt: 3, time: 101 }),
    ];
    expect(started(made({ charged, waiting }, { reservations: 1 }))).toEqual(['g']);
    expect(started(made({ charged, waiting }, { reservations: 2 }))).toEqual([]);
  });

  it('go around maintenance', () => {
    const charged = [running('r', ['n0'], 4, endsIn(100))];
    const windows = [maintenance(150, 200)];
    const of = (time: number) =>
      reserved(made({ nodes: nodes(1), charged, maintenance: windows, waiting: [gang('g', 1, 4, { time })] }));
    expect(of(50)).toEqual([['g', 100, 150]]);
    expect(of(51)).toEqual([['g', 200, 251]]);
  });
});

describe('quota', () => {
  const queues = [queue('default', { pools: { default: amounts(4) } }), queue('other')];

  it('is reserved in time, as room is', () => {
    const charged = [running('r', ['n0'], 4, endsIn(100))];
    const waiting = [gang('g', 1, 3, { time: 10 })];
    const result = made({ nodes: nodes(3), queues, charged, waiting });
    expect(reserved(result)).toEqual([['g', 100, 110]]);
    expect(result.waits).toMatchObject([{ reason: 'WaitingForQuota' }]);
  });

  it('that a reserved gang needs is not for a later one of the same queue, and no matter to other queues', () => {
    const charged = [running('r', ['n0'], 2, endsIn(100))];
    const waiting = [gang('head', 1, 3, { submittedAt: 1, time: 10 })];
    const next = (time: number, more: Parameters<typeof gang>[3] = {}) =>
      started(made({ nodes: nodes(3), queues, charged, waiting: [...waiting, gang('next', 1, 2, { time, ...more })] }));
    expect(next(100)).toEqual(['next']);
    expect(next(101)).toEqual([]);
    expect(next(101, { queue: 'other' })).toEqual(['next']);
  });
});

describe('a gang of several parts', () => {
  const pair = (a: number, b: number, time: number) =>
    gang('pair', 1, 1, { submittedAt: 2, time, parts: [part(1, a), part(1, b)] });

  it('holds room for all of them at one time', () => {
    const charged = [running('a', ['n0'], 4, endsIn(50)), running('b', ['n1'], 4, endsIn(90))];
    const result = made({ charged, waiting: [pair(4, 3, 10)] });
    expect(reserved(result)).toEqual([['pair', 90, 100]]);
    expect(result.reservations[0]?.parts.map(({ placements }) => placements[0]?.node)).toEqual(['n0', 'n1']);
  });

  it('never takes with two parts what an earlier reservation leaves to one', () => {
    const charged = [running('a', ['n0'], 2, endsIn(50)), running('b', ['n0'], 2, endsIn(100))];
    const head = gang('head', 1, 3, { submittedAt: 1, time: 1000 });
    const world = { nodes: nodes(1), charged };
    expect(reserved(made({ ...world, waiting: [head, pair(1, 1, 500)] }))).toEqual([
      ['head', 100, 1100],
      ['pair', 1100, 1600],
    ]);
    expect(reserved(made({ ...world, waiting: [head, pair(1, 1, 50)] }))[1]).toEqual(['pair', 50, 100]);
  });

  it('ends as a whole: the slowest part says for how long', () => {
    const pools = ['a', 'b'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = ['a', 'b'].map((name, i) => node(`n${i}`, 4, { labels: { in: name } }));
    const predictions = [prediction(10, { pool: 'a' }), prediction(70, { pool: 'b' })];
    const parts = [part(1, 4, { pools: ['a'] }), part(1, 4, { pools: ['b'] })];
    const charged = [running('r', ['n0'], 4, { pool: 'a', ...endsIn(30) })];
    const waiting = [gang('pair', 1, 1, { predictions, parts })];
    expect(reserved(made({ nodes: fleet, pools, charged, waiting }))).toEqual([['pair', 30, 100]]);
  });
});
