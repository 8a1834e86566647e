import { describe, expect, test } from 'vitest';
import { addJob, addNodes, drain, type NewJob } from '../../../operator/sim/snapshot/whatIf.ts';
import { gang, NOW, node, pool, snapshot } from '../../core/snapshots.ts';

const world = snapshot({
  nodes: [
    node('b', 4, { labels: { kind: 'cpu', rack: '1' } }),
    node('a', 4, { labels: { kind: 'cpu', rack: '1' }, unschedulable: true }),
    node('c', 8, { labels: { kind: 'gpu', rack: '2' } }),
  ],
  pools: [
    pool('cpu', { selector: { matchLabels: { kind: 'cpu' } } }),
    pool('none', { selector: { matchLabels: { kind: 'x' } } }),
  ],
});

describe('more nodes', () => {
  test('are like the first of the pool that can take gangs, under names of their own', () => {
    const [changed, like] = addNodes(world, 'cpu', 2);
    expect(like).toBe('b');
    const added = changed.nodes.slice(3);
    expect(added.map(({ name }) => name)).toEqual(['b-added-1', 'b-added-2']);
    expect(added[0]).toEqual(node('b-added-1', 4, { labels: { kind: 'cpu', rack: '1' } }));
    expect(addNodes(changed, 'cpu', 1)[0].nodes.at(-1)?.name).toBe('b-added-3');
    expect(world.nodes).toHaveLength(3);
  });

  test.each([
    ['gpu', 'there is no pool gpu; there are cpu, none'],
    ['none', 'pool none has no node that could take gangs, and so none to copy'],
  ])('pool %s is refused', (name, message) => {
    expect(() => addNodes(world, name, 1)).toThrow(message);
  });
});

describe('drained nodes', () => {
  test('are those with the label', () => {
    const [changed, count] = drain(world, 'rack', '1');
    expect(count).toBe(2);
    expect(changed.nodes.map(({ unschedulable }) => unschedulable)).toEqual([true, true, false]);
  });

  test('there must be one', () => {
    expect(() => drain(world, 'rack', '9')).toThrow('no node carries the label rack=9');
  });
});

test('one more job waits as any other', () => {
  const job: NewJob = {
    name: 'mine',
    namespace: 'team',
    queue: 'default',
    priority: 1,
    members: 3,
    request: { cpu: 500 },
    pool: 'cpu',
    time: 60,
  };
  const [changed, added] = addJob(world, job, NOW);
  expect(changed.waiting).toEqual([added]);
  expect(added).toEqual(
    gang('mine', 3, 0, {
      uid: 'what-if/mine',
      priority: 1,
      submittedAt: NOW,
      request: { cpu: 500, pods: 1 },
      pools: ['cpu'],
      time: 60,
    }),
  );
  expect(() => addJob(world, { ...job, pool: 'gpu' }, NOW)).toThrow('there is no pool gpu; there are cpu, none');
});
