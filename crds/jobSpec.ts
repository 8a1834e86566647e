/** What SimulationJob and TrainingJob share: the program, its shape, where it may run, how long, and what happens after. */
import { z } from 'zod';
import { envFrom, envVar } from './env.ts';
import {
  annotations,
  duration,
  label,
  labelKey,
  labels,
  listMap,
  objectName,
  quantity,
  resourceMap,
  text,
} from './fields.ts';
import type { Rule } from './rule.ts';
import { volume } from './volume.ts';

/**
 * Pod names are `<job>-<5 characters of the attempt>-<member>` and must fit a DNS label: 63 - 1 - 5 - 1 - 4.
 */
export const MAX_JOB_NAME = 52;
const MAX_NODES = 4096;

const OWN_PREFIX: Rule<Record<string, string>> = {
  cel: "self.all(k, !k.startsWith('coxswain.dev/') && !k.matches('^([^/]*[.])?(kubernetes|k8s)[.]io/'))",
  message:
    'keys under coxswain.dev/, kubernetes.io/ and k8s.io/ are set by the operator and the cluster; use another prefix',
  holds: (self) =>
    Object.keys(self).every((k) => !k.startsWith('coxswain.dev/') && !/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(k)),
};

const checkpoint = z
  .object({
    volume: label().describe('Name of one of the job’s volumes, shared by all members.'),
    path: text(512).optional().describe('Folder inside that volume; default the job name.'),
    signal: z.enum(['USR1', 'USR2', 'TERM']).default('USR1').describe('Signal that asks the program for a checkpoint.'),
    before: duration().default('60s').describe('How long before the deadline, a stop or a move it is asked.'),
  })
  .describe('How the program saves its state and resumes: it finds CHECKPOINT_DIR, RESTART_COUNT and RESUME_FROM.');

const topology = z
  .object({
    required: labelKey()
      .optional()
      .describe('Node label all members must share a value of, e.g. a rack or NVLink domain.'),
    preferred: text(317).optional().describe('Node label of which as few values as possible are used.'),
  })
  .describe('How close together the members must run.');

const work = z
  .object({
    flops: z.number().min(0).optional().describe('Floating-point operations of the whole run.'),
    bytes: z.number().min(0).optional().describe('Bytes moved to and from memory in the whole run.'),
    messages: z.number().min(0).optional().describe('Messages sent between ranks in the whole run.'),
  })
  .describe('The work declared by the user or printed by the program’s --plan; a prior for the prediction.');

const ELASTIC: Rule<{ nodes: number; minNodes?: number | undefined; maxNodes?: number | undefined }>[] = [
  {
    cel: '!has(self.minNodes) || self.minNodes <= self.nodes',
    message: 'minNodes must be at most nodes; lower minNodes or raise nodes',
    fieldPath: '.minNodes',
    holds: (s) => s.minNodes === undefined || s.minNodes <= s.nodes,
  },
  {
    cel: '!has(self.maxNodes) || self.maxNodes >= self.nodes',
    message: 'maxNodes must be at least nodes; raise maxNodes or lower nodes',
    fieldPath: '.maxNodes',
    holds: (s) => s.maxNodes === undefined || s.maxNodes >= s.nodes,
  },
];

type Spec = {
  nodes: number;
  minNodes?: number | undefined;
  maxNodes?: number | undefined;
  volumes?: { name: string; path: string }[] | undefined;
  checkpoint?: { volume: string } | undefined;
  topology?: { required?: string | undefined; preferred?: string | undefined } | undefined;
  suspend?: boolean | undefined;
};

const CHECKPOINT_VOLUME: Rule<Spec> = {
  cel: '!has(self.checkpoint) || (has(self.volumes) && self.volumes.exists(v, v.name == self.checkpoint.volume))',
  message: 'checkpoint.volume must be the name of one of spec.volumes',
  fieldPath: '.checkpoint',
  holds: (s) => !s.checkpoint || (s.volumes ?? []).some((v) => v.name === s.checkpoint?.volume),
};

const PATHS: Rule<Spec> = {
  cel: '!has(self.volumes) || self.volumes.all(v, self.volumes.exists_one(w, w.path == v.path))',
  message: 'every volume needs a path of its own; two of them have the same',
  fieldPath: '.volumes',
  holds: (s) => new Set(s.volumes?.map((v) => v.path)).size === (s.volumes?.length ?? 0),
};

export const specRules: readonly Rule<Spec>[] = [...ELASTIC, CHECKPOINT_VOLUME, PATHS];

/** Fields that may change after creation; `queue` and `priority` only while the job holds no room (see `job.ts`). */
export const MUTABLE = ['suspend', 'queue', 'priority'] as const;

/** The fields both kinds share, in the order in which people read them. */
export const jobFields = {
  image: z.string().min(1).max(512).describe('Container image of the program, the same on every member.'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .optional()
    .describe('When to pull the image; default as Kubernetes: Always for :latest, else IfNotPresent.'),
  imagePullSecrets: z
    .array(
      z.object({ name: objectName().describe('Name of the Secret.') }).describe('A Secret with registry credentials.'),
    )
    .max(8)
    .optional()
    .describe('Secrets of the namespace with credentials for the registry.'),
  command: z
    .array(text(4096).describe('One word.'))
    .min(1)
    .max(64)
    .describe(
      'The program and its first words. No mpirun: the operator launches the ranks, unless `launcher` says otherwise.',
    ),
  args: z.array(text(4096).describe('One word.')).max(256).optional().describe('Further words of the command line.'),
  workingDir: text(1024).optional().describe('Folder in which the program starts; default that of the image.'),
  env: listMap(envVar, 'name', 128).optional().describe('Environment of every rank.'),
  envFrom: z.array(envFrom).max(16).optional().describe('Environment from whole ConfigMaps and Secrets.'),
  nodes: z
    .int()
    .min(1)
    .max(MAX_NODES)
    .default(1)
    .describe('Members of the gang: pods that start together or not at all.'),
  minNodes: z
    .int()
    .min(1)
    .max(MAX_NODES)
    .optional()
    .describe('Fewest members that the program can run on; with it the job may start narrower than `nodes`.'),
  maxNodes: z
    .int()
    .min(1)
    .max(MAX_NODES)
    .optional()
    .describe('Most members that the program can use; with it the job may start wider than `nodes`.'),
  resources: resourceMap()
    .optional()
    .describe('What each member needs (requests equal limits), e.g. {cpu: 4, memory: 16Gi}; default one CPU per rank.'),
  time: duration()
    .optional()
    .describe('Walltime of one attempt, e.g. 2h; the job is ended at it. Default: the queue’s default time.'),
  queue: objectName().default('default').describe('Queue that the job waits in.'),
  priority: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .default(0)
    .describe('Higher starts first within the queue, up to the queue’s maximum.'),
  user: text(253)
    .optional()
    .describe('Who runs it, where an admission policy ties it to the request; default the namespace.'),
  restarts: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('How often the job is tried again after the program itself failed.'),
  infrastructureRetries: z
    .int()
    .min(0)
    .max(1000)
    .default(10)
    .describe('How often it is tried again after node loss, eviction, preemption or a lost member.'),
  suspend: z.boolean().default(false).describe('true: hold the job, or stop it and keep it; false: let it run.'),
  ttl: duration()
    .optional()
    .describe('After the end the job and its pods are deleted once this time has passed; default they stay.'),
  checkpoint: checkpoint.optional(),
  volumes: listMap(volume, 'name', 32).optional().describe('Volumes and where they are mounted on every member.'),
  topology: topology.optional(),
  spread: z.enum(['none', 'node']).default('none').describe('node: every member on a machine of its own.'),
  pools: z
    .array(objectName().describe('Name of a ComputePool.'))
    .max(16)
    .optional()
    .describe('Pools that may run it; default every pool of the queue.'),
  nodeSelector: labels(16).optional().describe('Labels that every node must carry, inside the pool.'),
  work: work.optional(),
  shm: quantity().default('256Mi').describe('Size limit of /dev/shm, a tmpfs that counts towards memory.'),
  grace: duration().default('10s').describe('Time between SIGTERM and SIGKILL when ranks are stopped.'),
  uid: z
    .int()
    .min(1)
    .max(2147483647)
    .optional()
    .describe('User id of the program; default the image’s, which may not be root.'),
  gid: z.int().min(1).max(2147483647).optional().describe('Group id of the program.'),
  fsGroup: z
    .int()
    .min(1)
    .max(2147483647)
    .optional()
    .describe('Group that owns the volumes, where the driver supports it.'),
  podLabels: labels(32, [OWN_PREFIX]).optional().describe('Further labels for the job’s pods.'),
  podAnnotations: annotations(32, [OWN_PREFIX]).optional().describe('Further annotations for the job’s pods.'),
} as const;
