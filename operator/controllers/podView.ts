/** Pods as the core sees them. */
import type { PodView } from '../core/lifecycle/types.ts';
import { GATE, LABEL } from '../core/names.ts';
import { parseTime } from '../core/time.ts';
import type { ContainerStatus, Pod } from './resources.ts';

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed'] as const;

/** Waiting reasons that say only that things take their course. */
const QUIET = ['ContainerCreating', 'PodInitializing'];

function complaint(statuses: readonly ContainerStatus[]): PodView['waiting'] {
  for (const { state } of statuses) {
    const { reason, message = '' } = state?.waiting ?? {};
    if (reason !== undefined && !QUIET.includes(reason)) return { reason, message };
  }
  return undefined;
}

function terminationOf(status: ContainerStatus | undefined): PodView['terminated'] {
  const ended = status?.state?.terminated;
  if (!ended) return undefined;
  const finishedAt = parseTime(ended.finishedAt);
  return {
    exitCode: ended.exitCode,
    ...(ended.signal !== undefined && { signal: ended.signal }),
    ...(ended.reason !== undefined && { reason: ended.reason }),
    ...(ended.message !== undefined && { message: ended.message }),
    ...(finishedAt !== undefined && { finishedAt }),
  };
}

/** UID of the job that controls the pod; undefined for a pod that is not ours, whatever its labels say. */
export function ownerUid(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find((o) => o.controller && o.apiVersion.startsWith('coxswain.dev/'))?.uid;
}

/** A pod of a gang. Attempt and member come from its labels; those of a pod we own were written by us. */
export function viewPod(pod: Pod): PodView {
  const { metadata, spec, status } = pod;
  const { labels = {} } = metadata;
  const main = status?.containerStatuses?.find((c) => c.name === 'main');
  const conditions = new Map((status?.conditions ?? []).map((c) => [c.type, c]));
  const scheduled = conditions.get('PodScheduled');
  const disruption = conditions.get('DisruptionTarget');
  const terminated = terminationOf(main);
  const waiting = complaint([...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]);
  const unschedulable =
    scheduled?.status === 'False' && scheduled.reason === 'Unschedulable' ? scheduled.message : undefined;
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    attempt: Number(labels[LABEL.attempt] ?? 0),
    member: Number(labels[LABEL.member] ?? 0),
    phase: PHASES.find((p) => p === status?.phase) ?? 'Unknown',
    gated: (spec?.schedulingGates ?? []).some((g) => g.name === GATE),
    deleting: metadata.deletionTimestamp !== undefined,
    ready: conditions.get('Ready')?.status === 'True',
    started: main?.state?.running !== undefined,
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    ...(status?.podIP !== undefined && { ip: status.podIP }),
    ...(unschedulable !== undefined && { unschedulable }),
    ...(waiting && { waiting }),
    ...(terminated && { terminated }),
    ...(status?.reason !== undefined && { podReason: status.reason }),
    ...(status?.message !== undefined && { podMessage: status.message }),
    ...(disruption?.status === 'True' && { disruption: disruption.reason ?? 'DisruptionTarget' }),
  };
}
