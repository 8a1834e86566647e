/**
 * Whether a node can take members of a gang. The one place that knows: the planner asks it before a start, and the
 * operator asks it again just before un-gating, so that both honour the same things kube-scheduler does.
 */
import { formatQuantity } from '../../crds/quantity.ts';
import type { Node, Pool, Resources, Taint } from './model.ts';
import { amountText, demandOf, membersThatFit } from './resources.ts';
import { carries, matches, untolerated } from './selector.ts';

/** What keeps gangs of the pool off a node now, whatever they ask for. */
export type Obstacle = 'not ready' | 'cordoned' | 'tainted';

/** Kubernetes itself puts these on a node and takes them off again as its condition changes. */
const CONDITION_TAINT = 'node.kubernetes.io/';

function hardTaints(node: Node, pool: Pool): readonly Taint[] {
  return untolerated(node.taints, pool.tolerations).filter(({ effect }) => effect !== 'PreferNoSchedule');
}

/** Whether the node is one of the pool's: only its labels count, not its condition. */
export function belongs(node: Node, pool: Pool): boolean {
  return matches(node.labels, pool.selector);
}

/**
 * Why no gang of the pool can start on the node now. A cordoned node is refused even where the pool tolerates every
 * taint: who cordons a node wants it to run empty.
 */
export function obstacle(node: Node, pool: Pool): Obstacle | undefined {
  if (!node.ready) return 'not ready';
  if (node.unschedulable) return 'cordoned';
  return hardTaints(node, pool).length > 0 ? 'tainted' : undefined;
}

/** Whether gangs of the pool may start on the node once its condition is good again: no administrator keeps them off. */
export function usableSomeday(node: Node, pool: Pool): boolean {
  return hardTaints(node, pool).every(({ key }) => key.startsWith(CONDITION_TAINT));
}

/** Whether administrators would rather see the pool's gangs elsewhere (an untolerated PreferNoSchedule). */
export function reluctant(node: Node, pool: Pool): boolean {
  return untolerated(node.taints, pool.tolerations).some(({ effect }) => effect === 'PreferNoSchedule');
}

/** What is to be put on a node. */
export type Need = {
  readonly pool: Pool;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** What one member asks for, in base units. */
  readonly request: Resources;
  /** Members for this node. */
  readonly members: number;
};

const taintText = ({ key, value, effect }: Taint) => `${key}${value ? `=${value}` : ''}:${effect}`;

function condition(node: Node, { pool, nodeSelector }: Need): string | undefined {
  if (!node.ready) return 'is not ready';
  if (node.unschedulable) return 'is cordoned';
  if (!belongs(node, pool)) return `does not match the selector of pool ${pool.name}`;
  const [taint] = hardTaints(node, pool);
  if (taint) return `has the taint ${taintText(taint)}, which pool ${pool.name} does not tolerate`;
  if (carries(node.labels, nodeSelector)) return undefined;
  const [key, value] = Object.entries(nodeSelector).find(([key, value]) => node.labels[key] !== value) ?? [];
  return `does not carry the label ${key}=${value}`;
}

/**
 * Why `node` cannot take the members of `need`, in words for the user, or undefined if it can. `free` is what the node
 * has left beside them, in base units (`freeOn` of ledger.ts); `node` is undefined when it is gone.
 */
export function refusal(node: Node | undefined, need: Need, free: Resources): string | undefined {
  if (!node) return 'the node is gone';
  const why = condition(node, need);
  if (why) return `node ${node.name} ${why}`;
  const demand = demandOf(need.request);
  if (membersThatFit(free, demand) >= need.members) return undefined;
  const short = demand.find(([resource, amount]) => (free[resource] ?? 0) < amount * need.members);
  const [resource, amount] = short ?? ['pods', 1];
  const has = formatQuantity(resource, Math.max(0, free[resource] ?? 0));
  return `node ${node.name} has ${has} of the ${amountText(resource, amount * need.members)} that its ${need.members} member(s) need`;
}
