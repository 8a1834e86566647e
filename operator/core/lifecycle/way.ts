/** How the pods of an attempt are bound: decided once, at its start, and written into its assignment. */
import type { Assignment } from '../../../crds/jobStatus.ts';
import { type Attempt, isTerminalPod } from './attempt.ts';

export type Way = NonNullable<Assignment['way']>;

/** What the choice follows from. */
export type Ground = {
  /** Whether foreign pods share the nodes of the pool. */
  readonly sharing: 'shared' | 'exclusive';
  /** The cluster binds native PodGroups whole. */
  readonly podGroups: boolean;
};

/**
 * Where nobody else can take the room, pods are pinned to it at once: that is the cheapest way by far. Elsewhere the start
 * is made atomic: by kube-scheduler if it can, else by our gate.
 */
export function chooseWay({ sharing, podGroups }: Ground): Way {
  if (sharing === 'exclusive') return 'pinned';
  return podGroups ? 'podGroup' : 'gate';
}

/** The way of an attempt; those of earlier versions of the operator had one only. */
export function wayOf({ way }: Pick<Assignment, 'way'>): Way {
  return way ?? 'gate';
}

/**
 * Whether kube-scheduler has bound a part of a PodGroup and left the rest: then it does not know of groups, as one whose
 * feature gate is off, which ignores the pods' field and schedules them one by one.
 */
export function isGroupIgnored({ assignment, pods }: Pick<Attempt, 'assignment' | 'pods'>): boolean {
  if (wayOf(assignment) !== 'podGroup') return false;
  const live = pods.filter((pod) => pod !== undefined && !isTerminalPod(pod));
  return live.some((pod) => pod?.node !== undefined) && live.some((pod) => pod?.node === undefined);
}
