/** Queue: who may use how much, and in which order. */
import { z } from 'zod';
import { parseDuration } from './duration.ts';
import { conditions, duration, label, listMap, objectName, quotaMap, resourceSums } from './fields.ts';
import type { Kind, Resource } from './kind.ts';
import { type Rule, ruled } from './rule.ts';

const poolQuota = z
  .object({
    pool: objectName().describe('Name of a ComputePool.'),
    quota: quotaMap()
      .optional()
      .describe('Nominal quota by resource; a resource that is not named is not limited by the queue.'),
    borrowingLimit: quotaMap()
      .optional()
      .describe(
        'How much beyond the quota may be borrowed from queues of the same parent. Kept for the tree of queues; not used yet.',
      ),
    lendingLimit: quotaMap()
      .optional()
      .describe('How much of the quota others may borrow. Kept for the tree of queues; not used yet.'),
  })
  .describe('What the queue may use of one pool.');

const TIMES: Rule<{ defaultTime?: string | undefined; maxTime?: string | undefined }> = {
  cel: '!has(self.defaultTime) || !has(self.maxTime) || duration(self.defaultTime) <= duration(self.maxTime)',
  message: 'defaultTime must not exceed maxTime',
  fieldPath: '.defaultTime',
  holds: (s) =>
    s.defaultTime === undefined || s.maxTime === undefined || parseDuration(s.defaultTime) <= parseDuration(s.maxTime),
};

export const queueSpec = ruled(
  z.object({
    parent: objectName().optional().describe('Queue above this one. Kept for the tree of queues; not used yet.'),
    namespaces: z
      .array(label().describe('Name of a namespace.'))
      .max(1024)
      .optional()
      .describe('Namespaces whose jobs may use the queue; default all.'),
    pools: listMap(poolQuota, 'pool', 64)
      .optional()
      .describe('Pools the queue may use and how much of each; default every pool without limit.'),
    weight: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .describe('Share among queues of equal priority when room is short.'),
    order: z
      .enum(['strict', 'skipping'])
      .default('skipping')
      .describe('strict: a job that does not fit blocks those behind it; skipping: later jobs that fit may start.'),
    state: z
      .enum(['active', 'stopped', 'draining'])
      .default('active')
      .describe(
        'stopped: nothing starts, running gangs finish; draining: nothing starts and running gangs go back to the queue.',
      ),
    defaultTime: duration().optional().describe('Walltime of jobs that name none; default no limit.'),
    maxTime: duration().optional().describe('Longest walltime a job of this queue may ask for.'),
    waitObjective: duration()
      .optional()
      .describe(
        'Longest wait that the queue aims at. Jobs that have waited longer go before all others of their priority, a few of them at a time; default never.',
      ),
    maxPriority: z
      .int()
      .min(-1_000_000)
      .max(1_000_000)
      .optional()
      .describe('Highest priority that counts in this queue.'),
  }),
  [TIMES],
).describe('Who may use the queue, how much of which pool, and in which order its jobs start.');

export const queueStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('Generation that this status is about.'),
    pending: z.int().min(0).optional().describe('Jobs waiting.'),
    active: z.int().min(0).optional().describe('Jobs that hold room.'),
    usage: z
      .array(
        z
          .object({
            pool: objectName().describe('Name of the pool.'),
            used: resourceSums().describe('Charged now, by resource.'),
          })
          .describe('Use of one pool.'),
      )
      .max(64)
      .optional()
      .describe('What the queue is charged for now.'),
    conditions: conditions().optional(),
  })
  .describe('What the operator observed. Read-only for users.');

type QueueSpec = z.infer<typeof queueSpec>;
export type QueueStatus = z.infer<typeof queueStatus>;
export type Queue = Resource<QueueSpec, QueueStatus>;

export const QueueKind = {
  kind: 'Queue',
  plural: 'queues',
  singular: 'queue',
  shortNames: ['cxq'],
  scope: 'Cluster',
  description:
    'A queue of gangs: which namespaces may use it, its quota in each pool, and the order in which its jobs start.',
  spec: queueSpec,
  status: queueStatus,
  columns: [
    { name: 'State', type: 'string', jsonPath: '.spec.state', description: 'active, stopped or draining.' },
    { name: 'Pending', type: 'integer', jsonPath: '.status.pending', description: 'Jobs waiting.' },
    { name: 'Active', type: 'integer', jsonPath: '.status.active', description: 'Jobs that hold room.' },
    { name: 'Order', type: 'string', jsonPath: '.spec.order', description: 'strict or skipping.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    { name: 'Weight', type: 'integer', jsonPath: '.spec.weight', description: 'Share among queues.', priority: 1 },
  ],
  rules: [],
  selectableFields: [],
  mutable: 'all',
  maxName: 253,
} as const satisfies Kind<typeof queueSpec, typeof queueStatus>;
