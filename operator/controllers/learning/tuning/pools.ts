/** The pools as the simulator wants them: so many equal nodes. */
import { belongs, usableSomeday } from '../../../core/feasible.ts';
import type { Node } from '../../../core/model.ts';
import type { PlayPool } from '../../../play/messages.ts';
import { nodeModel, poolModel } from '../../gather/models.ts';
import type { World } from '../../world.ts';

const MILLI = 1000;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * Every node counts once, in the smallest pool that it belongs to, also where it is cordoned or not ready now. A pool of
 * unequal nodes becomes one of equal ones, as many as give the same sum.
 */
export function playPools(world: World): readonly PlayPool[] {
  const nodes = world.nodes.list().map(nodeModel);
  const pools = world.pools.list().map((resource) => {
    const model = poolModel(resource);
    const mine = nodes.filter((node) => belongs(node, model) && usableSomeday(node, model));
    return { name: model.name, device: resource.spec.accelerator?.resource, mine };
  });
  const taken = new Set<string>();
  return pools
    .toSorted((a, b) => a.mine.length - b.mine.length || (a.name < b.name ? -1 : 1))
    .map(({ name, device, mine }) => {
      const left = mine.filter((node) => !taken.has(node.name));
      for (const node of left) taken.add(node.name);
      return playPool(name, device, left);
    });
}

function playPool(name: string, device: string | undefined, nodes: readonly Node[]): PlayPool {
  const each = (resource: string | undefined) =>
    nodes.map((node) => (resource ? (node.allocatable[resource] ?? 0) : 0));
  const counted = device !== undefined && median(each(device)) > 0 ? each(device) : each('cpu');
  const typical = median(counted);
  const total = counted.reduce((sum, amount) => sum + amount, 0);
  return {
    name,
    nodes: typical > 0 ? Math.max(1, Math.round(total / typical)) : 0,
    cpus: median(each('cpu')) / MILLI,
    memory: median(each('memory')),
    accelerators: median(each(device)),
  };
}
