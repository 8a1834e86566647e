/**
 * Which changes a plan cares about. Heartbeats of nodes, probes of pods and our own status writes come by the thousand and
 * change nothing that is planned; without this the planner would run for each of them.
 */
import type { JobResource } from '../../crds/job.ts';
import type { Delta } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import { isOverPod } from './podView.ts';
import type { Node, Pod } from './resources.ts';

/** Whether `facts` differ between the two versions of the object; an object that comes or goes always counts. */
function differs<T extends KubeObject>({ type, object, previous }: Delta<T>, facts: (object: T) => unknown): boolean {
  if (type !== 'update' || previous === undefined) return true;
  return JSON.stringify(facts(object)) !== JSON.stringify(facts(previous));
}

export const nodeMatters = (delta: Delta<Node>): boolean =>
  differs(delta, ({ metadata, spec, status }) => [
    metadata.labels,
    spec?.unschedulable,
    spec?.taints,
    status?.allocatable,
    status?.conditions?.find((c) => c.type === 'Ready')?.status,
  ]);

/** A pod takes room from its binding until it is over. */
export function podMatters(delta: Delta<Pod>): boolean {
  if (delta.type !== 'update') return delta.object.spec?.nodeName !== undefined;
  return differs(delta, (pod) => [pod.spec?.nodeName, isOverPod(pod)]);
}

export const jobMatters = (delta: Delta<JobResource>): boolean =>
  differs(delta, ({ metadata, status }) => [
    metadata.generation,
    metadata.deletionTimestamp,
    status?.state,
    status?.assignment?.runningAt,
  ]);

/** Queues and pools: their statuses are ours. */
export const specMatters = (delta: Delta<KubeObject>): boolean => differs(delta, ({ metadata }) => metadata.generation);
