/** Room on nodes: what is free now, given what foreign pods and charged gangs hold. */
import type { ChargedGang, Node, Placement, Resources, Snapshot } from './model.ts';
import { type Demand, demandOf } from './resources.ts';

/** Members of a placement that still hold room: those whose pod is terminal do not. */
function holding({ first, count }: Placement, released: ReadonlySet<number>): number {
  let held = count;
  for (const member of released) if (member >= first && member < first + count) held -= 1;
  return held;
}

/** Where a charged gang holds room: members by node, and what each of them takes. */
function held(gang: ChargedGang): readonly (readonly [node: string, members: number, demand: Demand])[] {
  return gang.parts.flatMap(({ request, placements, released }) => {
    const [gone, demand] = [new Set(released), demandOf(request)];
    return placements.map((placement) => [placement.node, holding(placement, gone), demand] as const);
  });
}

/** Everything that holds room. */
type Holders = Pick<Snapshot, 'foreign' | 'charged'>;

/** The room that the holders leave free on `nodes`, by name; negative where more is held than the node offers. */
export function freeAmounts(holders: Holders, nodes: readonly Node[]): ReadonlyMap<string, Resources> {
  const free = new Map(nodes.map((node) => [node.name, { ...node.allocatable }]));
  const take = (node: string, demand: Demand, members: number): void => {
    const amounts = free.get(node);
    if (!amounts) return;
    for (const [resource, amount] of demand) amounts[resource] = (amounts[resource] ?? 0) - amount * members;
  };
  for (const pod of holders.foreign) take(pod.node, demandOf(pod.requests), 1);
  for (const gang of holders.charged) for (const [node, members, demand] of held(gang)) take(node, demand, members);
  return free;
}

/**
 * What is free on one node beside the gang `except`: what `refusal` is asked with, once for each node of a gang that
 * is charged already.
 */
export function freeOn({ foreign, charged }: Holders, node: Node, except: string): Resources {
  const others = charged.filter(({ uid }) => uid !== except);
  return freeAmounts({ foreign, charged: others }, [node]).get(node.name) ?? {};
}
