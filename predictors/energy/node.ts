/** Energy of nodes: time x power, host and idle shares counted. */

/** What a job's nodes draw beside its busy accelerators. */
export type NodePower = {
  readonly nodes: number;
  /** Accelerators of all nodes that the job uses. */
  readonly accelerators: number;
  /** Power of one host while the job runs, W: CPUs, memory, fans. */
  readonly hostWatts: number;
  /** Accelerators of its nodes that it keeps but does not use, of all nodes, and what one draws idle, W. */
  readonly idle?: { readonly accelerators: number; readonly watts: number };
};

/** Mean power of all of a job's nodes, W, while each of its accelerators draws `watts`. */
export function nodeWatts({ nodes, accelerators, hostWatts, idle }: NodePower, watts: number): number {
  return nodes * hostWatts + accelerators * watts + (idle === undefined ? 0 : idle.accelerators * idle.watts);
}

/** Joules of a run of so many seconds. A slower run pays its hosts longer: a cap can raise the energy of a node. */
export const nodeJoules = (node: NodePower, watts: number, seconds: number): number => nodeWatts(node, watts) * seconds;
