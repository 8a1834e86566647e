/** The machine of a simulation: as asked, or as the trace itself says. */
import { type Machine, parseMachine, SimulationInputError } from '../../sim/machine.ts';
import type { Workload } from '../../sim/workload.ts';

/** Accelerators of a node where a trace counts accelerators and does not say how they are spread. */
const PER_NODE = 8;

export type ChosenMachine = {
  /** As `--nodes` would say it. */
  readonly text: string;
  readonly machine: Machine;
  readonly notes: readonly string[];
};

function acceleratorPool(accelerators: number): readonly [text: string, notes: readonly string[]] {
  const nodes = Math.ceil(accelerators / PER_NODE);
  const rounded = nodes * PER_NODE;
  const notes =
    rounded === accelerators
      ? []
      : [`${accelerators} accelerators do not fill nodes of ${PER_NODE}: simulated as ${rounded}`];
  return [`${nodes}x${PER_NODE}gpu`, notes];
}

function ownMachine({
  jobs,
  processors,
  accelerators = 0,
}: Workload): readonly [text: string, notes: readonly string[]] {
  const wantsAccelerators = jobs.some(({ parts }) => parts.some((part) => part.accelerators > 0));
  if (processors === undefined || (wantsAccelerators && accelerators === 0)) {
    const example = wantsAccelerators ? '72x8gpu' : '1x100';
    throw new SimulationInputError(
      `the trace does not say how large its machine is; give --nodes NODESxPROCESSORS[gpu], e.g. --nodes ${example}`,
    );
  }
  const plain = processors - accelerators;
  if (accelerators === 0) return [`1x${plain}`, []];
  const [pool, notes] = acceleratorPool(accelerators);
  return plain === 0 ? [pool, notes] : [`cpu=1x${plain},gpu=${pool}`, notes];
}

/** `--nodes`, or a flat machine of the trace's processors and nodes of eight accelerators. Throws SimulationInputError. */
export function chooseMachine(nodes: string | undefined, workload: Workload): ChosenMachine {
  const [text, notes] = nodes === undefined ? ownMachine(workload) : [nodes, []];
  return { text, machine: parseMachine(text), notes };
}
