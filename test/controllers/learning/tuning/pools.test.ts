import { expect, test } from 'vitest';
import { playPools } from '../../../../operator/controllers/learning/tuning/pools.ts';
import { node, pool, worldWith } from '../../fixtures.ts';

const labels = (name: string, more: Record<string, string>) => ({ metadata: { name, labels: more } });

test('a node counts once, in the smallest pool that it belongs to', () => {
  const world = worldWith({
    nodes: [node('a', '8'), node('b', '8'), node('c', '4', labels('c', { kind: 'small' }))],
  });
  world.pools.upsert(pool('small', { selector: { matchLabels: { kind: 'small' } } }));
  expect(playPools(world)).toEqual([
    { name: 'small', nodes: 1, cpus: 4, memory: 8 * 2 ** 30, accelerators: 0 },
    { name: 'default', nodes: 2, cpus: 8, memory: 8 * 2 ** 30, accelerators: 0 },
  ]);
});

test('cordoned nodes count, those that no gang will ever use do not', () => {
  const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' as const }];
  const world = worldWith({
    nodes: [
      node('a', '8', { spec: { unschedulable: true } }),
      node('b', '8'),
      node('control', '4', { spec: { taints } }),
    ],
  });
  expect(playPools(world)).toMatchObject([{ nodes: 2, cpus: 8 }]);
});

test('unequal nodes become equal ones of the same sum, by accelerators where the pool has any', () => {
  const device = (name: string, gpus: string) =>
    node(name, '64', { status: { allocatable: { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': gpus } } });
  const world = worldWith({
    nodes: [device('a', '8'), device('b', '8'), device('c', '8'), device('d', '4'), device('e', '4')],
  });
  world.pools.upsert(pool('default', { accelerator: { class: 'H100' } }));
  expect(playPools(world)).toEqual([{ name: 'default', nodes: 4, cpus: 64, memory: 512 * 2 ** 30, accelerators: 8 }]);
});

test('a pool without nodes has none', () => {
  expect(playPools(worldWith({}))).toEqual([{ name: 'default', nodes: 0, cpus: 0, memory: 0, accelerators: 0 }]);
});
