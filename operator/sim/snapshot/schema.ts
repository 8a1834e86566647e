/** A saved plan and the state that it was made from, as the operator's /debug/plan and `simulate --plan-at` write it. */
import { z } from 'zod';
import type { Snapshot, Wait } from '../../core/model.ts';
import { SnapshotError } from './error.ts';

const name = z.string().min(1).max(1024);
const seconds = z.number().min(-1e15).max(1e15);
const run = z.number().max(1e12);
const count = z.int().min(0);
const labels = z.record(z.string(), z.string());
const resources = z.record(z.string(), z.number());

const effect = z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);
const taint = z.object({ key: z.string(), value: z.string().exactOptional(), effect });
const toleration = z.object({
  key: z.string().exactOptional(),
  operator: z.enum(['Exists', 'Equal']).exactOptional(),
  value: z.string().exactOptional(),
  effect: effect.exactOptional(),
});

const selector = z.object({
  matchLabels: labels.exactOptional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
        values: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
});

const node = z.object({
  name,
  labels,
  taints: z.array(taint),
  unschedulable: z.boolean(),
  ready: z.boolean(),
  allocatable: resources,
});

const pool = z.object({ name, selector, tolerations: z.array(toleration), topologyKeys: z.array(z.string()) });

const queue = z.object({
  name,
  state: z.enum(['active', 'stopped', 'draining']),
  namespaces: z.array(z.string()).exactOptional(),
  pools: z.record(z.string(), resources).exactOptional(),
  order: z.enum(['strict', 'skipping']),
  maxPriority: z.number().exactOptional(),
  maxTime: run.exactOptional(),
  waitObjective: run.exactOptional(),
});

const prediction = z.object({
  pool: z.string().exactOptional(),
  members: count.exactOptional(),
  q10: run,
  q50: run,
  q75: run,
  q90: run,
  z: z.number().exactOptional(),
});

const part = z.object({
  name: z.string().exactOptional(),
  minMembers: count.min(1),
  maxMembers: count.min(1),
  request: resources,
  pools: z.array(z.string()).exactOptional(),
  nodeSelector: labels,
  requiredTopology: z.string().exactOptional(),
  preferredTopology: z.string().exactOptional(),
  spread: z.boolean(),
});

const waiting = z.object({
  uid: name,
  namespace: z.string(),
  name,
  queue: z.string(),
  priority: z.number(),
  submittedAt: seconds,
  parts: z.array(part).min(1),
  time: run.exactOptional(),
  predictions: z.array(prediction).exactOptional(),
  notBefore: seconds.exactOptional(),
  backoffReason: z.string().exactOptional(),
  avoid: z.array(z.string()),
});

const placement = z.object({ node: z.string(), first: count, count });

const charged = z.object({
  uid: name,
  queue: z.string(),
  parts: z.array(
    z.object({
      pool: z.string(),
      members: count,
      request: resources,
      placements: z.array(placement),
      released: z.array(count),
    }),
  ),
  startedAt: seconds,
  time: run.exactOptional(),
  predictions: z.array(prediction).exactOptional(),
});

const maintenance = z.object({
  name,
  pool: z.string(),
  selector: selector.exactOptional(),
  from: seconds,
  until: seconds,
});

const spread = z.object({ low: z.number(), middle: z.number(), high: z.number() });

const snapshot: z.ZodType<Snapshot> = z.object({
  nodes: z.array(node),
  pools: z.array(pool),
  queues: z.array(queue),
  waiting: z.array(waiting),
  charged: z.array(charged),
  foreign: z.array(z.object({ node: z.string(), requests: resources })),
  maintenance: z.array(maintenance),
  calibration: z.array(spread).exactOptional(),
});

const wait: z.ZodType<Wait> = z.object({
  uid: name,
  position: count,
  reason: z.string(),
  message: z.string(),
  eta: z.object({ earliest: seconds, expected: seconds, latest: seconds }).exactOptional(),
});

const saved = z.object({
  now: seconds,
  /** As the operator writes policies: whoever reads the file knows how. */
  policy: z.unknown(),
  snapshot,
  plan: z.object({ starts: z.array(z.object({ uid: name })), waits: z.array(wait) }).exactOptional(),
});

/** A state, when it was, and the policy by which it was planned, as written; the plan where it was saved too. */
export type SavedPlan = z.infer<typeof saved>;

function refuseTwice(what: string, names: Iterable<string>): void {
  const seen = new Set<string>();
  for (const each of names) {
    if (seen.has(each)) throw new SnapshotError(`${what} ${each} stands in it twice`);
    seen.add(each);
  }
}

/** Reads the text of a saved plan. Throws SnapshotError that names the field. */
export function readSaved(text: string): SavedPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SnapshotError('is not JSON, or was cut off; save /debug/plan again');
  }
  const read = saved.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const field = issue?.path.join('.') || 'the whole';
    throw new SnapshotError(`${field}: ${issue?.message ?? 'not valid'}; give what /debug/plan shows`);
  }
  const { nodes, waiting: gangs, charged: runners } = read.data.snapshot;
  refuseTwice(
    'the node',
    nodes.map((each) => each.name),
  );
  refuseTwice(
    'the gang',
    [...gangs, ...runners].map(({ uid }) => uid),
  );
  return read.data;
}
