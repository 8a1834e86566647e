/** What administrators and kubelets say of nodes, pools and queues, in the words of the core. */
import type { ComputePool } from '../../../crds/computePool.ts';
import { parseDuration } from '../../../crds/duration.ts';
import { parseQuantity } from '../../../crds/quantity.ts';
import type { Queue as QueueResource } from '../../../crds/queue.ts';
import { known } from '../../core/known.ts';
import type * as model from '../../core/model.ts';
import { parseTime } from '../../core/time.ts';
import type { Node } from '../resources.ts';

function amounts(quantities: Record<string, string | number> = {}): model.Resources {
  return Object.fromEntries(Object.entries(quantities).map(([name, q]) => [name, parseQuantity(name, q)]));
}

const seconds = (duration: string | undefined): number | undefined =>
  duration === undefined ? undefined : parseDuration(duration);

export function nodeModel({ metadata, spec, status }: Node): model.Node {
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    taints: spec?.taints ?? [],
    unschedulable: spec?.unschedulable ?? false,
    ready: (status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True'),
    allocatable: amounts(status?.allocatable),
  };
}

export function poolModel({ metadata, spec }: ComputePool): model.Pool {
  return {
    name: metadata.name,
    selector: spec.selector as model.Selector,
    tolerations: (spec.tolerations ?? []) as readonly model.Toleration[],
    topologyKeys: spec.topologyKeys ?? [],
  };
}

/** The maintenance of a pool that is not over at `now`, by names that no other pool has. */
export function maintenanceModels({ metadata, spec }: ComputePool, now: number): readonly model.Maintenance[] {
  return (spec.maintenance ?? []).flatMap(({ name, start, end, selector }) => {
    const [from, until] = [parseTime(start) ?? 0, parseTime(end) ?? 0];
    if (until <= now) return [];
    const common = { name: `${metadata.name}/${name}`, pool: metadata.name, from, until };
    return [selector?.matchLabels ? { ...common, selector: { matchLabels: selector.matchLabels } } : common];
  });
}

export function queueModel({ metadata, spec }: QueueResource): model.Queue {
  const { namespaces = [] } = spec;
  return known({
    name: metadata.name,
    state: spec.state,
    order: spec.order,
    namespaces: namespaces.length > 0 ? namespaces : undefined,
    pools: spec.pools && Object.fromEntries(spec.pools.map((p) => [p.pool, amounts(p.quota)])),
    maxPriority: spec.maxPriority,
    maxTime: seconds(spec.maxTime),
    waitObjective: seconds(spec.waitObjective),
  });
}
