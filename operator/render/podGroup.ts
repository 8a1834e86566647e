/** The native group of an attempt (Kubernetes' scheduling.k8s.io/v1beta1): kube-scheduler binds all of its pods, or none. */
import type { Gang } from './context.ts';
import { ownerOf } from './owner.ts';
import { labelsOf } from './pod.ts';

/** Bears the name of the attempt: a later attempt must not meet the promise that was given to this one. */
export function renderPodGroup(gang: Gang): object {
  const { name, members } = gang.assignment;
  return {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kind: 'PodGroup',
    metadata: { name, namespace: gang.job.namespace, labels: labelsOf(gang), ownerReferences: [ownerOf(gang)] },
    spec: podGroupSpec(members),
  };
}

export function podGroupSpec(members: number): object {
  return {
    schedulingPolicy: { gang: { minCount: members } },
    // A member that is preempted ends the attempt: whoever needs its room may as well have the room of all.
    disruptionMode: { all: {} },
  };
}
