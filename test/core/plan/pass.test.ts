/** Who starts in one plan. What is held for those who do not: walk.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../operator/core/model.ts';
import { type Policy } from '../../../operator/core/plan/policy.ts';
import { amounts, endsIn, gang, NOW, node, nodes, pool, queue, running } from '../snapshots.ts';
import { made, reasons, spots, started } from './plans.ts';

describe('who starts', () => {
  it('goes by priority, then age, then UID', () => {
    const waiting = [
      gang('b', 1, 4, { submittedAt: 1 }),
      gang('a', 1, 4, { submittedAt: 1 }),
      gang('old', 1, 4, { submittedAt: 0 }),
      gang('high', 1, 4, { submittedAt: 2, priority: 5 }),
    ];
    expect(started(made({ nodes: nodes(4), waiting }))).toEqual(['high', 'old', 'a', 'b']);
  });

  it('is who fits behind one that does not, in a skipping queue', () => {
    const result = made({
      charged: [running('r', ['n0'], 4)],
      waiting: [gang('big', 2, 4, { submittedAt: 0 }), gang('small', 1, 1, { time: 60 })],
    });
    expect(result.starts).toMatchObject([{ uid: 'small', by: 'backfill' }]);
  });

  it('started from the head if nobody before it in its pools waits', () => {
    const pools = ['a', 'b'].map((name) => pool(name, { selector: { matchLabels: { in: name } } }));
    const fleet = ['a', 'b'].map((name, i) => node(`n${i}`, 4, { labels: { in: name } }));
    const waiting = [
      gang('one', 1, 4, { submittedAt: 1, pools: ['a'] }),
      gang('waits', 1, 4, { submittedAt: 2, pools: ['a'] }),
      gang('other', 1, 4, { submittedAt: 3, pools: ['b'] }),
    ];
    expect(made({ nodes: fleet, pools, waiting }).starts.map(({ uid, by }) => [uid, by])).toEqual([
      ['one', 'head'],
      ['other', 'head'],
    ]);
  });

  it('is nobody behind one that does not fit in a strict queue, but behind one that never could or that backs off', () => {
    const queues = [queue('default', { order: 'strict' }), queue('other')];
    const waiting = [
      gang('never', 9, 4, { submittedAt: 0 }),
      gang('resting', 1, 1, { submittedAt: 1, notBefore: NOW + 60 }),
      gang('fits', 1, 1, { submittedAt: 2, time: 30 }),
      gang('blocks', 2, 4, { submittedAt: 3 }),
      gang('behind', 1, 1, { submittedAt: 4 }),
      gang('tooLarge', 9, 4, { submittedAt: 5 }),
      gang('elsewhere', 1, 1, { submittedAt: 6, queue: 'other', time: 30 }),
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

  it('is tried in the order of the policy among those behind the last reservation', () => {
    const world = {
      nodes: nodes(1),
      charged: [running('r', ['n0'], 3, endsIn(1000))],
      waiting: [
        gang('head', 1, 4, { submittedAt: 1 }),
        gang('old', 1, 1, { submittedAt: 2, time: 90, priority: -1 }),
        gang('fair', 1, 1, { submittedAt: 4, time: 80 }),
        gang('short', 1, 1, { submittedAt: 5, time: 20 }),
      ],
    };
    const tried = (candidates: Policy['candidates']) => started(made(world, { reservations: 1, candidates }));
    expect(tried('score')).toEqual(['fair']);
    expect(tried('shortest')).toEqual(['short']);
    expect(tried('submitted')).toEqual(['old']);
    expect(started(made(world, { reservations: 64, candidates: 'shortest' }))).toEqual(['fair']);
  });

  it('never overtakes in a strict queue, in whatever order the policy tries', () => {
    const world = {
      nodes: nodes(1),
      queues: [queue('default', { order: 'strict' as const })],
      waiting: [gang('long', 1, 4, { submittedAt: 1, time: 90 }), gang('short', 1, 4, { submittedAt: 2, time: 20 })],
    };
    const result = made(world, { reservations: 0, candidates: 'shortest' });
    expect(started(result)).toEqual(['long']);
    expect(reasons(result)).toEqual({ short: 'WaitingForRoom' });
  });
});

describe('EASY, by hand', () => {
  /** One machine of 10 CPUs of which so many are held, each until so many seconds from NOW. */
  const machine = (...held: readonly (readonly [cpus: number, ends: number])[]) => ({
    nodes: nodes(1, 10),
    charged: held.map(([cpus, ends], i) => running(`r${i}`, ['n0'], cpus, endsIn(ends))),
  });
  const easy = (world: Partial<Snapshot>) => started(made(world, { planBy: 'limit', reservations: 1 }));
  const head = gang('head', 1, 7, { submittedAt: 1, time: 100 });
  const next = (cpus: number, time: number, name = 'next') => gang(name, 1, cpus, { submittedAt: 2, time });

  it('starts who ends by the time the head can start, to the second', () => {
    const world = machine([6, 50]);
    expect(easy({ ...world, waiting: [head, next(4, 50)] })).toEqual(['next']);
    expect(easy({ ...world, waiting: [head, next(4, 51)] })).toEqual([]);
  });

  it('starts who runs longer but fits beside the head, until the extra room is used up', () => {
    const world = machine([6, 50]);
    const waiting = [head, next(2, 999, 'a'), next(2, 999, 'b'), next(1, 999, 'c'), next(1, 50, 'd')];
    expect(easy({ ...world, waiting })).toEqual(['a', 'c', 'd']);
  });

  it('counts, of what ends in one second, only what the head needs: the rest is nobody’s', () => {
    // Narrowest first: after 2 + 4 of the 8 that end at 50 the head has its 7 of then 8, and 1 is extra.
    const world = machine([2, 50], [4, 50], [2, 60]);
    expect(easy({ ...world, waiting: [head, next(1, 999, 'a'), next(1, 999, 'b')] })).toEqual(['a']);
    // The head has its 8 after the 2 and the first 3, by UID, and 0 are extra, though 3 more end in that second.
    const tied = machine([2, 50], [3, 50], [3, 50]);
    const wide = gang('head', 1, 7, { submittedAt: 1, time: 100 });
    expect(easy({ ...tied, waiting: [wide, next(1, 999)] })).toEqual([]);
  });

  it('takes the end of what starts in the same plan into account', () => {
    const waiting = [gang('one', 1, 6, { submittedAt: 0, time: 30 }), head, next(4, 30, 'a'), next(4, 31, 'b')];
    expect(easy({ nodes: nodes(1, 10), waiting: waiting.filter(({ uid }) => uid !== 'a') })).toEqual(['one']);
    expect(easy({ nodes: nodes(1, 10), waiting })).toEqual(['one', 'a']);
  });
});

describe('several gangs in one plan', () => {
  const fleet = ['r1', 'r2'].map((rack, i) => node(`n${i}`, 4, { labels: { rack } }));

  it('never get the same room, domain after domain', () => {
    const waiting = ['a', 'b', 'c'].map((name) => gang(name, 3, 1, { requiredTopology: 'rack' }));
    const result = made({ nodes: fleet, waiting });
    expect(result.starts.map(({ parts }) => spots(parts[0]?.placements))).toEqual([['n0:0+3'], ['n1:0+3']]);
    expect(reasons(result)).toEqual({ c: 'WaitingForRoom' });
  });

  it('never get the same quota', () => {
    const queues = [queue('default', { pools: { default: amounts(4) } })];
    const result = made({ queues, waiting: ['a', 'b', 'c'].map((name) => gang(name, 1, 2)) });
    expect(started(result)).toEqual(['a', 'b']);
    expect(result.waits[0]?.message).toMatch(/^queue default has 4 of 4 CPU in pool default in use; needs 2, 0 free/);
  });
});
