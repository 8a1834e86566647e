/** SimulationJob and TrainingJob: one skeleton, two launches. */
import { z } from 'zod';
import { jobFields, MAX_JOB_NAME, MUTABLE, specRules } from './jobSpec.ts';
import { jobStatus } from './jobStatus.ts';
import type { Kind, PrinterColumn, Resource } from './kind.ts';
import { type Rule, ruled } from './rule.ts';

const { image, command, args, nodes, minNodes, maxNodes, ...rest } = jobFields;

const procsPerNode = z
  .int()
  .min(1)
  .max(1024)
  .optional()
  .describe('Ranks on each member; default its accelerators, else its whole CPUs, else 1.');

export const simulationSpec = ruled(
  z.object({
    image,
    command,
    args,
    nodes,
    minNodes,
    maxNodes,
    procsPerNode,
    mpi: z
      .enum(['openmpi', 'mpich'])
      .default('openmpi')
      .describe('The MPI in the image; openmpi: Open MPI 4 or 5, mpich: MPICH, started by Hydra (mpiexec.hydra).'),
    launcher: z
      .enum(['coxswain', 'mpirun'])
      .default('coxswain')
      .describe(
        'coxswain: the command is one rank’s, and the operator starts the ranks; mpirun: the command runs once, on member 0, and calls mpirun or mpiexec itself, of whatever MPI.',
      ),
    ...rest,
  }),
  specRules,
).describe('What to run and what it needs.');

export const trainingSpec = ruled(
  z.object({
    image,
    command,
    args,
    nodes,
    minNodes,
    maxNodes,
    gpusPerNode: z
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe('Accelerators on each member; the pool says which device resource that is.'),
    procsPerNode: procsPerNode.describe(
      'Processes on each member that take part in the rendezvous; default its accelerators, else 1.',
    ),
    framework: z
      .enum(['none', 'torch', 'jax'])
      .default('none')
      .describe('torch: the command is run by torchrun; none and jax: as it is. The environment of all is always set.'),
    ...rest,
  }),
  specRules,
).describe('What to train and what it needs.');

export type SimulationSpec = z.infer<typeof simulationSpec>;
export type TrainingSpec = z.infer<typeof trainingSpec>;
export type JobSpec = SimulationSpec | TrainingSpec;

export type SimulationJob = Resource<SimulationSpec, z.infer<typeof jobStatus>>;
export type TrainingJob = Resource<TrainingSpec, z.infer<typeof jobStatus>>;
export type JobResource = SimulationJob | TrainingJob;

const columns: readonly PrinterColumn[] = [
  { name: 'State', type: 'string', jsonPath: '.status.state', description: 'Where the job stands.' },
  { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why it stands there.' },
  { name: 'Queue', type: 'string', jsonPath: '.spec.queue', description: 'Queue it waits in.' },
  { name: 'Nodes', type: 'integer', jsonPath: '.spec.nodes', description: 'Members of the gang.' },
  { name: 'Position', type: 'integer', jsonPath: '.status.position', description: 'Place in the queue.' },
  { name: 'ETA', type: 'string', jsonPath: '.status.estimatedStart', description: 'When it should start.' },
  { name: 'Result', type: 'string', jsonPath: '.status.figureOfMerit', description: 'Figure of merit.' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  {
    name: 'Earliest',
    type: 'string',
    jsonPath: '.status.estimatedStartEarliest',
    description: 'Beginning of the interval around the ETA.',
    priority: 1,
  },
  {
    name: 'Latest',
    type: 'string',
    jsonPath: '.status.estimatedStartLatest',
    description: 'End of the interval around the ETA.',
    priority: 1,
  },
  {
    name: 'Predicted',
    type: 'number',
    jsonPath: '.status.prediction.q50',
    description: 'Seconds that it should run: half of such runs stay below.',
    priority: 1,
  },
  { name: 'Pool', type: 'string', jsonPath: '.status.assignment.pool', description: 'Pool it runs on.', priority: 1 },
  { name: 'Attempt', type: 'integer', jsonPath: '.status.attempts', description: 'Attempts begun.', priority: 1 },
  { name: 'Wait', type: 'number', jsonPath: '.status.waitSeconds', description: 'Seconds waited.', priority: 1 },
  { name: 'Run', type: 'number', jsonPath: '.status.runSeconds', description: 'Seconds computed.', priority: 1 },
  {
    name: 'Verified',
    type: 'boolean',
    jsonPath: '.status.result.verified',
    description: 'Verified itself.',
    priority: 1,
  },
  { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why, in figures.', priority: 1 },
];

/** Queue and priority are what the plan charged: they may change only while the job holds no room. */
const whileQueued: Rule<{ metadata: { name: string } }> = {
  cel: "!has(self.status) || !has(self.status.state) || self.status.state in ['Queued', 'Suspended'] || (self.spec.queue == oldSelf.spec.queue && self.spec.priority == oldSelf.spec.priority)",
  message: 'queue and priority may change only while the job is Queued or Suspended; suspend it first',
};

/** The attempt's Service is named after the job, and the names of Services are the strictest. */
const hostName: Rule<{ metadata: { name: string } }> = {
  cel: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
  message:
    'the name of a job becomes part of host names: lower case letters, digits and hyphens, beginning with a letter, no dots',
  holds: (self) => /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(self.metadata.name),
};

const shared = {
  scope: 'Namespaced',
  status: jobStatus,
  columns,
  rules: [hostName, whileQueued],
  selectableFields: ['.spec.queue', '.status.state'],
  mutable: MUTABLE,
  maxName: MAX_JOB_NAME,
} as const;

export const SimulationJobKind = {
  ...shared,
  kind: 'SimulationJob',
  plural: 'simulationjobs',
  singular: 'simulationjob',
  shortNames: ['sim'],
  description:
    'An MPI program that runs as one gang: queued, placed all-or-nothing, launched without ssh, and explained.',
  spec: simulationSpec,
} as const satisfies Kind<typeof simulationSpec, typeof jobStatus>;

export const TrainingJobKind = {
  ...shared,
  kind: 'TrainingJob',
  plural: 'trainingjobs',
  singular: 'trainingjob',
  shortNames: ['train'],
  description:
    'A distributed training program that runs as one gang with the rendezvous environment of torch, JAX and NCCL.',
  spec: trainingSpec,
} as const satisfies Kind<typeof trainingSpec, typeof jobStatus>;
