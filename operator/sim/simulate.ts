/** Replays a workload through the planner: the same input gives the same result, byte for byte. */
import { Engine, type Setup } from './engine.ts';
import type { RunResult } from './results.ts';

/** Throws SimulationInputError where the workload and the machine do not go together. */
export function simulate(setup: Setup): RunResult {
  return new Engine(setup).run();
}
