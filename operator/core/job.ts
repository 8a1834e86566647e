/** A job as the core sees it: read from the resource once, defaults resolved, or the reason why it is not one. */
import { parseDuration } from '../../crds/duration.ts';
import {
  type JobResource,
  type JobSpec,
  SimulationJobKind,
  type SimulationSpec,
  TrainingJobKind,
  type TrainingSpec,
} from '../../crds/job.ts';
import type { JobStatus } from '../../crds/jobStatus.ts';
import { parseQuantity } from '../../crds/quantity.ts';
import { validate } from '../../crds/validate.ts';
import type { Resources } from './model.ts';
import { FINALIZER } from './names.ts';
import { parseTime } from './time.ts';

export type Program =
  | { readonly kind: 'SimulationJob'; readonly spec: SimulationSpec }
  | { readonly kind: 'TrainingJob'; readonly spec: TrainingSpec };

export type Job = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly submittedAt: number;
  readonly deleting: boolean;
  readonly finalizer: boolean;
  readonly status: JobStatus;
  /** Absent when the manifest cannot be run: then `problem` says why. */
  readonly program?: Program;
  readonly problem?: string;
};

const DEFAULT_DEVICE = 'nvidia.com/gpu';

/** Reads a resource as it lies in the cluster. Never throws: what cannot be read becomes `problem`. */
export function readJob(resource: JobResource): Job {
  const { metadata } = resource;
  const kind = resource.kind === 'TrainingJob' ? TrainingJobKind : SimulationJobKind;
  const checked = validate(kind, resource, { unknownFields: 'ignore' });
  const common = {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    generation: metadata.generation ?? 0,
    submittedAt: parseTime(metadata.creationTimestamp) ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    finalizer: (metadata.finalizers ?? []).includes(FINALIZER),
    status: resource.status ?? {},
  };
  if (!checked.ok) {
    return { ...common, problem: checked.problems.map((p) => `${p.path}: ${p.message}`).join('; ') };
  }
  const program = { kind: kind.kind, spec: checked.value.spec } as Program;
  return { ...common, program };
}

/** Vendor devices (`nvidia.com/gpu`, `amd.com/gpu`, …): resources named under a domain. */
function devices(spec: JobSpec): number {
  return Object.entries(spec.resources ?? {})
    .filter(([name]) => name.includes('/'))
    .reduce((sum, [name, q]) => sum + parseQuantity(name, q), 0);
}

function wholeCpus(spec: JobSpec): number {
  const cpu = spec.resources?.['cpu'];
  return cpu === undefined ? 0 : Math.floor(parseQuantity('cpu', cpu) / 1000);
}

/** Ranks per member: as asked, else one per accelerator, else (MPI) one per whole CPU, else 1. */
export function procsPerNode({ kind, spec }: Program): number {
  if (spec.procsPerNode !== undefined) return spec.procsPerNode;
  if (kind === 'TrainingJob') return Math.max(1, spec.gpusPerNode || devices(spec));
  return Math.max(1, devices(spec) || wholeCpus(spec));
}

/**
 * What one member asks for, in base units, its pod slot included. A CPU per rank where the manifest names none.
 * `device`: the pool's device resource that `gpusPerNode` stands for.
 */
export function memberRequest(program: Program, device = DEFAULT_DEVICE): Resources {
  const named = Object.entries(program.spec.resources ?? {}).map(
    ([name, q]) => [name, parseQuantity(name, q)] as const,
  );
  const request: Record<string, number> = { cpu: procsPerNode(program) * 1000, ...Object.fromEntries(named), pods: 1 };
  if (program.kind === 'TrainingJob' && program.spec.gpusPerNode > 0) request[device] ??= program.spec.gpusPerNode;
  return request;
}

/** Walltime of one attempt in seconds: the job's, else the queue's default, else none. */
export function walltime(spec: JobSpec, queueDefault: string | undefined): number | undefined {
  const text = spec.time ?? queueDefault;
  return text === undefined ? undefined : parseDuration(text);
}
