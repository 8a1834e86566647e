/** Which nodes are dead. */
import type { NodeView } from '../../core/lifecycle/types.ts';
import type { Change, Node, Placement } from '../../core/model.ts';

const UP: NodeView = { exists: true, ready: true };
const DOWN: NodeView = { exists: true, ready: false };

export class Nodes {
  readonly #nodes: ReadonlyMap<string, Node>;
  /** Failures that have begun and not ended, by node: they may overlap. */
  readonly #down = new Map<string, number>();

  constructor(nodes: readonly Node[]) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#nodes.keys());
  }

  get anyDown(): boolean {
    return this.#down.size > 0;
  }

  readonly isDown = (node: string): boolean => this.#down.has(node);

  /** A failure of the node begins (1) or ends (-1). Answers the change that this is to the planner, if it is one. */
  count(name: string, step: 1 | -1): Change | undefined {
    const before = this.#down.get(name) ?? 0;
    const after = before + step;
    if (after > 0) this.#down.set(name, after);
    else this.#down.delete(name);
    const node = this.#nodes.get(name);
    if (!node || before > 0 === after > 0) return undefined;
    return { kind: 'node', name, value: { ...node, ready: after === 0 } };
  }

  views(placements: readonly Placement[]): Record<string, NodeView> {
    return Object.fromEntries(placements.map(({ node }) => [node, this.isDown(node) ? DOWN : UP]));
  }
}
