import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../operator/core/model.ts';
import { DEFAULT_POLICY } from '../../../operator/core/plan/policy.ts';
import { type ContinueOptions, continued } from '../../../operator/sim/snapshot/continue.ts';
import { endsIn, gang, maintenance, NOW, node, prediction, queue, running, snapshot } from '../../core/snapshots.ts';

const EASY = { ...DEFAULT_POLICY, reservations: 1, tick: 0 };

/** When each gang starts, in seconds from NOW; undefined: not. */
function starts(world: Snapshot, more: Partial<ContinueOptions> = {}): Readonly<Record<string, number | undefined>> {
  const fates = continued({ snapshot: world, now: NOW, policy: EASY, runs: 'q50', unlimited: 86_400, ...more });
  return Object.fromEntries(fates.map(({ gang, at }) => [gang.name, at === undefined ? undefined : at - NOW]));
}

/** Two full nodes of four CPUs, one until 600 and one until 1000; a wide gang waits, and behind it a short one. */
const BUSY = snapshot({
  charged: [running('r1', ['n0'], 4, endsIn(600)), running('r2', ['n1'], 4, endsIn(1000))],
  waiting: [
    gang('wide', 2, 4, { time: 500, submittedAt: NOW - 50 }),
    gang('short', 1, 4, { time: 300, submittedAt: NOW - 40 }),
  ],
});

describe('a state continued in virtual time', () => {
  test('starts gangs as running ones end, and lets short ones pass a promise', () => {
    expect(starts(BUSY)).toEqual({ wide: 1000, short: 600 });
    const strict = { ...BUSY, queues: [queue('default', { order: 'strict' })] };
    expect(starts(strict)).toEqual({ wide: 1000, short: 1500 });
    const shortest = { ...EASY, score: { name: 'sjf' } } as const;
    expect(starts(BUSY, { policy: shortest })).toEqual({ short: 600, wide: 1000 });
  });

  test('says why a gang waits now, and what keeps it for good', () => {
    const impossible = gang('impossible', 3, 4, { submittedAt: NOW });
    const fates = continued({
      snapshot: { ...BUSY, waiting: [...BUSY.waiting, impossible] },
      now: NOW,
      policy: EASY,
      runs: 'q50',
      unlimited: 86_400,
    });
    expect(fates.map(({ gang: { name }, reason, left }) => [name, reason, left?.reason])).toEqual([
      ['wide', 'WaitingForRoom', undefined],
      ['short', 'WaitingForRoom', undefined],
      ['impossible', 'ExceedsPool', 'ExceedsPool'],
    ]);
  });

  test('gangs run as long as the chosen quantile says, and are planned as the policy says', () => {
    const likely = {
      ...BUSY,
      charged: BUSY.charged.map((r) => ({ ...r, predictions: [prediction(4000, { q50: 3800, q90: 4500 })] })),
    };
    // Started an hour ago: 3,800 s in all are 200 s from now.
    expect(starts(likely)).toEqual({ wide: 200, short: 700 });
    // By its walltime the first ends 600 s from now.
    expect(starts(likely, { runs: 'limit' })).toMatchObject({ wide: 1000 });
  });

  test('one that has outrun its prediction goes on for half as long again', () => {
    const late = [running('r1', ['n0', 'n1'], 4, { predictions: [prediction(600)] })];
    expect(starts({ ...BUSY, charged: late })).toMatchObject({ wide: 1800 });
  });

  test('what is held by foreign pods stays held', () => {
    const held = { ...BUSY, foreign: [{ node: 'n1', requests: { cpu: 1000, pods: 1 } }] };
    expect(starts(held)).toEqual({ wide: undefined, short: 600 });
  });

  test('a back-off and a maintenance end by themselves', () => {
    const idle = snapshot({
      waiting: [gang('later', 1, 4, { notBefore: NOW + 77, backoffReason: 'a node refused it' })],
    });
    expect(starts(idle)).toEqual({ later: 77 });
    const closed = snapshot({ waiting: [gang('closed', 2, 4, { time: 100 })], maintenance: [maintenance(-10, 500)] });
    expect(starts(closed)).toEqual({ closed: 500 });
  });

  test('an exemption from what is held back comes by itself', () => {
    const policy = { ...EASY, holdBack: { share: 0.5, longerThan: 100, exemptShare: 1, exemptWait: 1000 } };
    const world = snapshot({
      charged: [running('r1', ['n0'], 4, { startedAt: NOW - 10, time: 100_000 })],
      waiting: [gang('long', 1, 4, { time: 50_000, submittedAt: NOW - 400 })],
    });
    expect(starts(world, { policy })).toEqual({ long: 601 });
  });

  test('looks no further than it is told to', () => {
    expect(starts(BUSY, { until: NOW + 700 })).toEqual({ wide: undefined, short: 600 });
    expect(starts(BUSY, { until: NOW })).toEqual({ wide: undefined, short: undefined });
  });

  test('nothing waits, nothing is there: no matter', () => {
    expect(starts(snapshot())).toEqual({});
    expect(starts(snapshot({ nodes: [], waiting: BUSY.waiting }))).toEqual({ wide: undefined, short: undefined });
  });

  test('is the same again, whatever order the state lists things in', () => {
    const world = snapshot({
      nodes: Array.from({ length: 5 }, (_, i) => node(`n${i}`)),
      waiting: Array.from({ length: 40 }, (_, i) => gang(`g${i}`, 1 + (i % 5), 1 + (i % 4), { time: 60 + 37 * i })),
    });
    const mirrored = { ...world, nodes: world.nodes.toReversed(), waiting: world.waiting.toReversed() };
    expect(starts(mirrored)).toEqual(starts(world));
    expect(Object.values(starts(world)).every((at) => at !== undefined)).toBe(true);
  });
});
