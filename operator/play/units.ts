/** A pool counted in one unit, as the simulator's machine is: accelerators where its nodes have any, else CPUs. */

import type { Asked } from '../../predictors/run.ts';
import type { Machine, MachinePool } from '../sim/machine.ts';
import type { PlayPool } from './messages.ts';

/** The machine of these pools. Those without a whole unit are left out: nothing could run there. */
export function machineOf(pools: readonly PlayPool[]): Machine {
  return {
    pools: pools
      .map((pool): MachinePool => {
        const accelerator = pool.accelerators >= 1;
        return { name: pool.name, nodes: pool.nodes, perNode: perNode(pool), accelerator };
      })
      .filter(({ nodes, perNode }) => nodes >= 1 && perNode >= 1),
  };
}

const perNode = ({ accelerators, cpus }: PlayPool) => Math.floor(accelerators >= 1 ? accelerators : cpus);

/** Rounding errors of a quotient are no share of a unit. */
const EPSILON = 1e-9;

/**
 * Units that one member keeps others from: its largest share of any resource of the node (Ghodsi et al., "Dominant resource
 * fairness", NSDI 2011), in whole units. Undefined where it asks for no accelerator in a pool that is counted in them: it
 * stands in nobody's way there.
 */
export function unitsOf({ nodes, gpus, cpus, memory }: Asked, pool: PlayPool): number | undefined {
  if (pool.accelerators >= 1 && gpus <= 0) return undefined;
  const of = (asked: number, there: number) => (there > 0 ? asked / nodes / there : 0);
  const shares = [of(gpus, pool.accelerators), of(cpus, pool.cpus), of(memory, pool.memory)];
  return Math.max(1, Math.ceil(Math.max(...shares) * perNode(pool) - EPSILON));
}

/** Members of so many units that the empty pool holds. */
export function holds(pool: PlayPool, units: number): number {
  return pool.nodes * Math.floor(perNode(pool) / units);
}
