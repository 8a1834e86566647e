/** The attempt that a charged job is in: its pods by member, and what can be said of them at once. */
import type { Assignment } from '../../../crds/jobStatus.ts';
import { parseTime } from '../time.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import type { Effect, NodeView, Observed, PodView } from './types.ts';

export type Attempt = {
  readonly assignment: Assignment;
  /** Pod of each member; undefined where there is none. */
  readonly pods: readonly (PodView | undefined)[];
  /** Member 0's own account of the end, once it has ended. */
  readonly outcome?: Outcome;
  readonly admittedAt: number;
  readonly startingAt?: number;
  readonly runningAt?: number;
  readonly stoppingAt?: number;
};

export function attemptOf(o: Observed): Attempt | undefined {
  const { assignment } = o.job.status;
  if (!assignment) return undefined;
  const pods: (PodView | undefined)[] = Array.from({ length: assignment.members }, () => undefined);
  for (const pod of o.pods) if (pod.attempt === assignment.attempt && pod.member < pods.length) pods[pod.member] = pod;
  const outcome = readOutcome(pods[0]?.terminated?.message);
  const times = {
    startingAt: parseTime(assignment.startingAt),
    runningAt: parseTime(assignment.runningAt),
    stoppingAt: parseTime(assignment.stoppingAt),
  };
  return {
    assignment,
    pods,
    ...(outcome && { outcome }),
    admittedAt: parseTime(assignment.admittedAt) ?? 0,
    ...(times.startingAt !== undefined && { startingAt: times.startingAt }),
    ...(times.runningAt !== undefined && { runningAt: times.runningAt }),
    ...(times.stoppingAt !== undefined && { stoppingAt: times.stoppingAt }),
  };
}

export function isTerminalPod(pod: PodView): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/** Node that the assignment gives to `member`. */
export function nodeOf(assignment: Assignment, member: number): string {
  const placement = assignment.placements.find((p) => member >= p.first && member < p.first + p.count);
  return placement?.node ?? '';
}

/** A node that is gone or does not answer: its kubelet cannot confirm the end of a pod. */
export function isLost(node: NodeView | undefined): boolean {
  return node === undefined || !node.exists || !node.ready;
}

/**
 * Whether the pod holds nothing any more: terminal, or asked to go on a node that cannot answer. In the second case the
 * room stays taken all the same: the pod object still stands on the node, which is not ready.
 */
export function isOver(o: Observed, pod: PodView | undefined): boolean {
  if (pod === undefined || isTerminalPod(pod)) return true;
  return pod.deleting && pod.node !== undefined && isLost(o.nodes[pod.node]);
}

/**
 * Removes live pods of a job that holds no room, and ended ones that would not go with it. There should be none: they stem
 * from a write whose reply came after the attempt was given up, or from somebody who took an owner reference off.
 */
export function strayEffects(o: Observed): Effect[] {
  return o.pods
    .filter((pod) => (pod.disowned === true || !isTerminalPod(pod)) && !pod.deleting)
    .map((pod) => ({ type: 'DeletePod', pod: pod.name, uid: pod.uid }));
}
