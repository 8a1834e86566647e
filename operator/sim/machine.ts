/** The machine that is simulated: pools of equal nodes, from a short text such as `72x8gpu` or `cpu=16x32,gpu=4x8gpu`. */
import type { Node, Pool } from '../core/model.ts';

export type MachinePool = {
  readonly name: string;
  readonly nodes: number;
  /** Processors of a node, or accelerators where `accelerator` is set. */
  readonly perNode: number;
  readonly accelerator: boolean;
  /** Nodes in a rack; absent: no topology. */
  readonly rack?: number;
};

export type Machine = { readonly pools: readonly MachinePool[] };

export const GPU = 'nvidia.com/gpu';
export const RACK = 'topology.coxswain.dev/rack';
const MAX_NODES = 100_000;

/** A mistake in what the user asked for: told in one line. */
export class SimulationInputError extends Error {}

const FORM = /^(?:([a-z][a-z0-9-]{0,30})=)?(\d{1,6})x(\d{1,7})(gpu)?(?:\/(\d{1,5}))?$/;

/**
 * Reads `[NAME=]NODESxPROCESSORS[gpu][/NODES_PER_RACK]`, several parted by commas. `1x100` is one flat machine of 100
 * processors. Throws SimulationInputError.
 */
export function parseMachine(text: string): Machine {
  const pools = text.split(',').map((item, i): MachinePool => {
    const match = FORM.exec(item.trim());
    if (!match) {
      throw new SimulationInputError(
        `--nodes: "${item}" is no machine; write NODESxPROCESSORS, e.g. 1x100, 72x8gpu or cpu=16x32,gpu=4x8gpu/2`,
      );
    }
    const [, name = i === 0 ? 'default' : `pool${i + 1}`, nodes, perNode, gpu, rack] = match;
    const pool = { name, nodes: Number(nodes), perNode: Number(perNode), accelerator: gpu !== undefined };
    if (pool.nodes < 1 || pool.nodes > MAX_NODES || pool.perNode < 1) {
      throw new SimulationInputError(`--nodes: "${item}" needs 1 to ${MAX_NODES} nodes of at least 1 processor`);
    }
    return rack === undefined ? pool : { ...pool, rack: Math.max(1, Number(rack)) };
  });
  const twice = pools.find(({ name }, i) => pools.findIndex((p) => p.name === name) < i);
  if (twice) throw new SimulationInputError(`--nodes: two pools are called ${twice.name}; give each its own name`);
  return { pools };
}

const POOL = 'simulated.coxswain.dev/pool';

/** The nodes of the machine. Names sort in the order of the numbers. */
export function machineNodes({ pools }: Machine): readonly Node[] {
  return pools.flatMap(({ name, nodes, perNode, accelerator, rack }) =>
    Array.from({ length: nodes }, (_, i): Node => {
      const number = String(i).padStart(String(nodes - 1).length, '0');
      const devices = accelerator ? { [GPU]: perNode } : {};
      const labels = { [POOL]: name, ...(rack !== undefined && { [RACK]: `${name}-${Math.floor(i / rack)}` }) };
      const allocatable = { cpu: perNode * 1000, pods: perNode, ...devices };
      return { name: `${name}-${number}`, labels, taints: [], unschedulable: false, ready: true, allocatable };
    }),
  );
}

export function machinePools({ pools }: Machine): readonly Pool[] {
  return pools.map(({ name, rack }) => ({
    name,
    selector: { matchLabels: { [POOL]: name } },
    tolerations: [],
    topologyKeys: rack === undefined ? [] : [RACK],
  }));
}
