import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesOf, plan } from '../../../operator/core/plan/planner.ts';
import { ToldWorld } from '../../../operator/core/plan/toldWorld.ts';
import { readSaved } from '../../../operator/sim/snapshot/schema.ts';
import {
  endsIn,
  foreign,
  gang,
  maintenance,
  NOW,
  node,
  pool,
  prediction,
  queue,
  running,
  snapshot,
} from '../../core/snapshots.ts';

/** Every field that there is. */
const FULL = snapshot({
  nodes: [
    node('n0', 4, {
      taints: [
        { key: 'a', value: 'b', effect: 'NoSchedule' },
        { key: 'c', effect: 'NoExecute' },
      ],
    }),
    node('n1'),
  ],
  pools: [
    pool('default', {
      selector: { matchLabels: {}, matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] },
      tolerations: [{ key: 'a', operator: 'Equal', value: 'b', effect: 'NoSchedule' }, { operator: 'Exists' }],
      topologyKeys: ['rack'],
    }),
  ],
  queues: [
    queue('default', {
      namespaces: ['team'],
      pools: { default: { cpu: 8000 } },
      maxPriority: 3,
      maxTime: 9000,
      waitObjective: 60,
    }),
  ],
  waiting: [
    gang('w', 1, 2, {
      time: 100,
      notBefore: NOW - 5,
      backoffReason: 'a node refused it',
      avoid: ['n1'],
      pools: ['default'],
      preferredTopology: 'rack',
      predictions: [prediction(50, { pool: 'default', members: 1, z: 0.3 })],
    }),
    gang('v', 2, 4, { requiredTopology: 'kubernetes.io/hostname', spread: false }),
  ],
  charged: [running('r', ['n0'], 2, { ...endsIn(100), released: [0], predictions: [prediction(4000)] })],
  foreign: [foreign('n1', { cpu: 500 })],
  maintenance: [maintenance(1000, 2000, { selector: { matchLabels: { rack: '1' } } })],
  calibration: [{ low: -2, middle: 0, high: 1 }],
});

const { starts, reservations, waits } = plan(FULL, NOW);
const TEXT = JSON.stringify({ now: NOW, policy: {}, snapshot: FULL, plan: { starts, reservations, waits } });

test('what the operator shows reads back whole', () => {
  const read = readSaved(TEXT);
  expect(read.snapshot).toEqual(FULL);
  expect(read.plan?.waits).toEqual(waits);
  expect(readSaved(JSON.stringify({ now: 1, policy: {}, snapshot: FULL }))).not.toHaveProperty('plan');
});

test('the world that changes tell is the snapshot that they came from', () => {
  const world = new ToldWorld();
  world.note(changesOf(FULL));
  expect(world.snapshot).toEqual(FULL);
  world.note([
    { kind: 'waiting', name: 'w' },
    { kind: 'charged', name: 'r' },
  ]);
  expect(world.snapshot.waiting.map(({ uid }) => uid)).toEqual(['v']);
  expect(world.snapshot.charged).toEqual([]);
});

describe('what cannot be used is refused by name', () => {
  /** The text with the field at `path` set to `value`; undefined takes it away. */
  const changed = (path: string, value: unknown): string => {
    const page = JSON.parse(TEXT) as Record<string, unknown>;
    const keys = path.split('.');
    let place = page;
    for (const key of keys.slice(0, -1)) place = place[key] as Record<string, unknown>;
    place[keys.at(-1) ?? ''] = value;
    return JSON.stringify(page);
  };
  test.each([
    ['', 'is not JSON, or was cut off; save /debug/plan again'],
    [TEXT.slice(0, 200), 'is not JSON, or was cut off; save /debug/plan again'],
    ['null', 'the whole: '],
    ['{}', 'now: '],
    [changed('snapshot.nodes', undefined), 'snapshot.nodes: '],
    [changed('snapshot.nodes.1.allocatable.cpu', 'four'), 'snapshot.nodes.1.allocatable.cpu: '],
    [changed('snapshot.waiting.0.parts.0.minMembers', 0), 'snapshot.waiting.0.parts.0.minMembers: '],
    [changed('snapshot.nodes.1.name', 'n0'), 'the node n0 stands in it twice'],
    [changed('snapshot.charged.0.uid', 'w'), 'the gang w stands in it twice'],
  ])('%.30s…', (text, message) => {
    expect(() => readSaved(text)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });

  test('never with more than one line', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          readSaved(text);
        } catch (error) {
          expect((error as Error).message).not.toContain('\n');
          return;
        }
        throw new Error('a state of nothing was read');
      }),
    );
  });
});
