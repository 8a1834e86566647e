/** Nodes that have room for members of one shape, as placing sees them. */
import type { Cells } from './cells.ts';
import type { Candidates } from './pools.ts';
import type { Shape } from './shape.ts';

/** A node with room for at least one member. Nodes are numbered in the order of their names. */
export type Hole = {
  readonly index: number;
  /** Members it could take. */
  readonly count: number;
  /** How little we like to use it for this shape: devices it has and the members do not need, soft taints. */
  readonly reluctance: number;
  /** Share of the node's requested resources, but for pod slots, left over after `count` members, summed: breaks ties. */
  readonly slack: number;
};

export type HoleSource = {
  readonly cells: Cells;
  /** Free amounts of the moment that is looked at, and what the nodes offer when empty; laid out as the cells are. */
  readonly free: Float64Array;
  readonly offers: Float64Array;
  readonly candidates: Candidates;
  readonly shape: Shape;
};

/** Those of the nodes `index` that `counts` gives room for at least one member, in their order. */
export function holesOf(
  { cells, free, offers, candidates, shape }: HoleSource,
  counts: Int32Array,
  index: Int32Array,
): readonly Hole[] {
  const { stride } = cells;
  const { columns, amounts } = shape.need;
  const pods = cells.column('pods');
  const holes: Hole[] = [];
  for (const node of index) {
    const count = counts[node] ?? 0;
    if (count <= 0) continue;
    let slack = 0;
    for (let i = 0; i < columns.length; i += 1) {
      if (columns[i] === pods) continue;
      const at = node * stride + (columns[i] ?? 0);
      slack += ((free[at] ?? 0) - (amounts[i] ?? 0) * count) / Math.max(1, offers[at] ?? 0);
    }
    holes.push({ index: node, count, reluctance: candidates.reluctance[node] ?? 0, slack });
  }
  return holes;
}
