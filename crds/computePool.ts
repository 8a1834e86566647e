/** ComputePool: a class of nodes that are alike enough to be exchanged for one another. */
import { z } from 'zod';
import {
  conditions,
  label,
  labelKey,
  labels,
  listMap,
  moment,
  objectName,
  quantity,
  resourceSums,
  text,
} from './fields.ts';
import type { Kind, Resource } from './kind.ts';
import { type Rule, ruled } from './rule.ts';
import { parseTime } from './time.ts';
import { WAYS, way } from './way.ts';

/** As the API server demands of a node affinity, so that the pods made from it are accepted. */
const VALUES: Rule<{ operator: string; values?: string[] | undefined }> = {
  cel: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : self.operator in ['Gt', 'Lt'] ? has(self.values) && size(self.values) == 1 && self.values[0].matches('^-?[0-9]{1,15}$') : !has(self.values) || size(self.values) == 0",
  message: 'In and NotIn need values, Gt and Lt need one whole number, Exists and DoesNotExist need none',
  fieldPath: '.values',
  holds: ({ operator, values = [] }) => {
    if (operator === 'In' || operator === 'NotIn') return values.length > 0;
    if (operator === 'Gt' || operator === 'Lt') return values.length === 1 && /^-?[0-9]{1,15}$/.test(values[0] ?? '');
    return values.length === 0;
  },
};

const TOLERATED: Rule<{ operator: string; key?: string | undefined; value?: string | undefined }> = {
  cel: "self.operator == 'Exists' ? !has(self.value) || self.value == '' : has(self.key) && self.key != ''",
  message: 'Exists takes no value, and Equal needs a key',
  holds: (self) => (self.operator === 'Exists' ? !self.value : Boolean(self.key)),
};

const requirement = ruled(
  z.object({
    key: labelKey().describe('Label of the node.'),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']).describe('How the label is compared.'),
    values: z.array(text(63).describe('A value.')).max(64).optional().describe('Values it is compared with.'),
  }),
  [VALUES],
).describe('One requirement on the labels of a node.');

const toleration = ruled(
  z.object({
    key: text(317).optional().describe('Key of the taint; empty with Exists tolerates all.'),
    operator: z.enum(['Exists', 'Equal']).default('Equal').describe('Whether the value counts.'),
    value: text(63).optional().describe('Value of the taint.'),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Effect; empty tolerates all.'),
  }),
  [TOLERATED],
).describe('One tolerated taint.');

const PERIOD: Rule<{ start: string; end: string }> = {
  cel: 'self.start < self.end',
  message: 'a maintenance must start before it ends',
  fieldPath: '.start',
  holds: ({ start, end }) => (parseTime(start) ?? 0) < (parseTime(end) ?? 0),
};

const maintenance = ruled(
  z.object({
    name: label().describe('Name of the maintenance.'),
    start: moment().describe('When the nodes must be free of gangs.'),
    end: moment().describe('When gangs may run on them again.'),
    selector: z
      .object({ matchLabels: labels(32).optional().describe('Labels that a node of the pool must carry.') })
      .optional()
      .describe('Which nodes of the pool; default all.'),
  }),
  [PERIOD],
).describe('Nodes on which nothing may run for a while: a gang starts there only if it should end before.');

export const computePoolSpec = z
  .object({
    selector: z
      .object({
        matchLabels: labels(32).optional().describe('Labels a node must carry.'),
        matchExpressions: z.array(requirement).max(32).optional().describe('Further requirements on its labels.'),
      })
      .default({})
      .describe('Which nodes belong to the pool; empty selects every schedulable node.'),
    tolerations: z.array(toleration).max(32).optional().describe('Taints of the pool’s nodes that its gangs tolerate.'),
    runtimeClassName: objectName()
      .optional()
      .describe(
        'RuntimeClass of the pods of its gangs, e.g. nvidia where that runtime brings the driver in and is not the default of the nodes. One with an overhead is not planned for.',
      ),
    accelerator: z
      .object({
        resource: text(317).default('nvidia.com/gpu').describe('Device resource that gpusPerNode asks for.'),
        class: text(128).optional().describe('Product name, e.g. NVIDIA-H100-80GB-HBM3.'),
        memory: quantity().optional().describe('Memory of one device.'),
        tdpWatts: z.number().min(0).optional().describe('Thermal design power of one device, in watts.'),
      })
      .optional()
      .describe('The accelerators of each node.'),
    topologyKeys: z
      .array(labelKey().describe('A node label.'))
      .max(8)
      .optional()
      .describe(
        'Node labels that say how near nodes are, from the widest domain to the narrowest, e.g. zone, block, rack.',
      ),
    sharing: z
      .enum(['shared', 'exclusive'])
      .default('shared')
      .describe(
        'exclusive: only gangs run on these nodes (tainted by their administrator), so they start the quickest way; shared: foreign pods do too.',
      ),
    maintenance: listMap(maintenance, 'name', 32)
      .optional()
      .describe('Times at which nodes of the pool must be free of gangs. Those that are over have no effect.'),
    pricePerNodeHour: z
      .number()
      .min(0)
      .optional()
      .describe('Price of one node for one hour, in a currency of your choice.'),
    powerBudgetWatts: z
      .number()
      .min(0)
      .optional()
      .describe('Most that the pool may draw. Kept for power planning; not used yet.'),
    actuator: z.enum(['none']).default('none').describe('How power caps are applied; none: the pool runs uncapped.'),
  })
  .describe('Which nodes belong to the pool and what they are like.');

export const computePoolStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('Generation that this status is about.'),
    nodes: z.int().min(0).optional().describe('Nodes that match the selector.'),
    ready: z.int().min(0).optional().describe('Nodes that gangs can start on now.'),
    allocatable: resourceSums().optional().describe('Sum of what the ready nodes offer.'),
    free: resourceSums().optional().describe('Sum of what is free on the ready nodes.'),
    way: way().optional().describe(`How the pods of gangs are bound here. ${WAYS}`),
    conditions: conditions().optional(),
  })
  .describe('What the operator observed. Read-only for users.');

type ComputePoolSpec = z.infer<typeof computePoolSpec>;
export type ComputePoolStatus = z.infer<typeof computePoolStatus>;
export type ComputePool = Resource<ComputePoolSpec, ComputePoolStatus>;

export const ComputePoolKind = {
  kind: 'ComputePool',
  plural: 'computepools',
  singular: 'computepool',
  shortNames: ['pool'],
  scope: 'Cluster',
  description: 'A class of nodes: which they are, their accelerators, their topology, and whether others share them.',
  spec: computePoolSpec,
  status: computePoolStatus,
  columns: [
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes', description: 'Nodes that match.' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.ready', description: 'Nodes gangs can start on.' },
    { name: 'Accelerator', type: 'string', jsonPath: '.spec.accelerator.class', description: 'Product name.' },
    { name: 'Sharing', type: 'string', jsonPath: '.spec.sharing', description: 'shared or exclusive.' },
    { name: 'Way', type: 'string', jsonPath: '.status.way', description: 'How the pods of gangs are bound.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
  ],
  rules: [],
  selectableFields: [],
  mutable: 'all',
  maxName: 253,
} as const satisfies Kind<typeof computePoolSpec, typeof computePoolStatus>;
