/** What surrounds the gangs that live in the simulation: how long they take to come up, and what goes wrong. */
import { type SimulationSpec, simulationSpec } from '../../../crds/job.ts';
import type { Settings } from '../../core/lifecycle/types.ts';
import { SimulationInputError } from '../machine.ts';

/** Times are seconds on the trace's clock. */
type NodeFailure = {
  readonly node: string;
  /** The node dies and its pods are given up at once; the time that a cluster takes to notice is part of the outage. */
  readonly from: number;
  /** It is back, with nothing on it. */
  readonly until: number;
};

/** The program of a job ends with an error. */
type Crash = {
  /** Id in the trace. Several crashes of one job befall its attempts one after another. */
  readonly job: string;
  /** Seconds after all its ranks have called in; one that would come after its end does not come. */
  readonly after: number;
};

export type Life = {
  /** Seconds from the assignment of a gang until all its ranks have called in: sandboxes, images, the launch. */
  readonly startSeconds: number;
  /** Of every job, as in its spec; absent: the default of the schema. */
  readonly restarts?: number;
  readonly infrastructureRetries?: number;
  readonly failures?: readonly NodeFailure[];
  readonly crashes?: readonly Crash[];
  /** Bounds of an attempt's phases; absent: the operator's defaults. */
  readonly bounds?: Partial<Settings>;
};

type Known = { readonly nodes: ReadonlySet<string>; readonly jobs: ReadonlySet<string> };

/** Throws SimulationInputError for what makes no sense on this machine and workload. */
export function checkLife({ startSeconds, failures = [], crashes = [] }: Life, { nodes, jobs }: Known): void {
  if (!(startSeconds >= 0 && Number.isFinite(startSeconds)))
    throw new SimulationInputError(`startSeconds is ${startSeconds}; give a number of seconds, 0 or more`);
  for (const { node, from, until } of failures) {
    if (!nodes.has(node)) {
      const [first = 'none'] = nodes;
      throw new SimulationInputError(
        `a node fails that the machine has not: ${node}; its nodes are named like ${first}`,
      );
    }
    if (!(Number.isFinite(from) && Number.isFinite(until) && from < until))
      throw new SimulationInputError(
        `node ${node} fails from ${from} until ${until}; give two times, the first earlier`,
      );
  }
  for (const { job, after } of crashes) {
    if (!jobs.has(job))
      throw new SimulationInputError(`a job crashes that the workload has not: ${job}; name one by id`);
    if (!(after >= 0 && Number.isFinite(after)))
      throw new SimulationInputError(`job ${job} crashes after ${after}; give a number of seconds, 0 or more`);
  }
}

/** The spec that all jobs share but for their width. Throws SimulationInputError for retries that the schema refuses. */
export function specOf({ restarts, infrastructureRetries }: Life): SimulationSpec {
  const read = simulationSpec.safeParse({
    image: 'simulated',
    command: ['simulated'],
    nodes: 1,
    ...(restarts !== undefined && { restarts }),
    ...(infrastructureRetries !== undefined && { infrastructureRetries }),
  });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new SimulationInputError(
    `${issue?.path.join('.') ?? 'spec'} of the simulated jobs: ${issue?.message ?? 'bad'}`,
  );
}
