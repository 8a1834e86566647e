/** Jobs of a workload as gangs of pods on the simulated machine. */
import type { Part } from '../core/model.ts';
import { GPU, type Machine, type MachinePool, SimulationInputError } from './machine.ts';
import type { WorkloadJob, WorkloadPart } from './workload.ts';

function poolFor(machine: Machine, part: WorkloadPart): MachinePool {
  const wants = part.accelerators > 0;
  const fit = machine.pools.find(
    ({ name, accelerator }) => accelerator === wants && (part.pool === undefined || name === part.pool),
  );
  if (fit) return fit;
  throw new SimulationInputError(
    wants
      ? 'the trace asks for accelerators, and no pool of --nodes has any; write e.g. 72x8gpu'
      : 'the trace has jobs on processors, and all pools of --nodes are counted in accelerators; add one, e.g. cpu=1x100,gpu=72x8gpu',
  );
}

/** Processors of each rank, or accelerators where it has any. */
const unitsOf = ({ accelerators, processors = 1 }: WorkloadPart) => (accelerators > 0 ? accelerators : processors);

/** Members of `ranks` ranks each: one member a rank on processors, as many ranks to a member as a node has accelerators. */
function members(part: WorkloadPart, pool: MachinePool): readonly { readonly count: number; readonly units: number }[] {
  if (part.accelerators === 0 || part.pool !== undefined) return [{ count: part.ranks, units: unitsOf(part) }];
  const units = part.ranks * part.accelerators;
  if (units <= pool.perNode) return [{ count: 1, units }];
  const rest = units % pool.perNode;
  const whole = { count: Math.floor(units / pool.perNode), units: pool.perNode };
  return rest === 0 ? [whole] : [whole, { count: 1, units: rest }];
}

/** The parts of a job's gang. A job whose accelerators do not fill its last node has one more part for the rest. */
export function partsOf(job: WorkloadJob, machine: Machine): readonly Part[] {
  return job.parts.flatMap((part) => {
    const pool = poolFor(machine, part);
    return members(part, pool).map(
      ({ count, units }): Part => ({
        minMembers: count,
        maxMembers: count,
        request: part.accelerators > 0 ? { [GPU]: units, pods: 1 } : { cpu: units * 1000, pods: 1 },
        pools: [pool.name],
        nodeSelector: {},
        spread: false,
      }),
    );
  });
}

/** Processors of a job, or accelerators where it has any. */
export function widthOf(job: WorkloadJob): number {
  return job.parts.reduce((sum, part) => sum + part.ranks * unitsOf(part), 0);
}
