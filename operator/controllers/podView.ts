/** Pods as the core sees them. */
import { known } from '../core/known.ts';
import type { PodView } from '../core/lifecycle/types.ts';
import { GATE, LABEL } from '../core/names.ts';
import { parseTime } from '../core/time.ts';
import { type ContainerStatus, type Pod, SIMULATION_JOBS, TRAINING_JOBS } from './resources.ts';

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
  return ended && known({ ...ended, finishedAt: parseTime(ended.finishedAt) });
}

/** Whether the pod has ended: it holds no room any more. */
export function isOverPod({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function ownerOf({ metadata }: Pod) {
  return metadata.ownerReferences?.find((o) => o.controller && o.apiVersion.startsWith('coxswain.dev/'));
}

/** A pod of ours whose owner reference somebody took off: only its labels tell whose it is, and no garbage collector will. */
function isDisowned({ metadata }: Pod): boolean {
  const isOwned = metadata.ownerReferences?.some(({ controller }) => controller) ?? false;
  return !isOwned && metadata.labels?.[LABEL.managedBy] === 'coxswain' && metadata.labels[LABEL.jobUid] !== undefined;
}

/** `<namespace>/<name>` of the job that a disowned pod names in its labels; undefined for any other pod. */
export function disownedBy(pod: Pod): string | undefined {
  const { namespace = '', labels } = pod.metadata;
  return isDisowned(pod) ? `${namespace}/${labels?.[LABEL.job] ?? ''}` : undefined;
}

/** UID of the job that the pod belongs to; undefined for a pod that another controls, whatever its labels say. */
export function ownerUid(pod: Pod): string | undefined {
  return ownerOf(pod)?.uid ?? (isDisowned(pod) ? pod.metadata.labels?.[LABEL.jobUid] : undefined);
}

/**
 * Keys of the jobs that the pod may belong to, `<kind>/<namespace>/<name>`: one, or, for want of an owner reference, one of
 * each kind. Another job may bear the name by now: see its UID.
 */
export function ownerKeys(pod: Pod): readonly string[] {
  const owner = ownerOf(pod);
  if (owner) return [`${owner.kind}/${pod.metadata.namespace ?? ''}/${owner.name}`];
  const job = disownedBy(pod);
  return job === undefined ? [] : [SIMULATION_JOBS, TRAINING_JOBS].map(({ kind }) => `${kind}/${job}`);
}

/** What the conditions of the pod say. */
function conditionsOf({ status }: Pod): Pick<Partial<PodView>, 'unschedulable' | 'disruption'> & { ready: boolean } {
  const conditions = new Map((status?.conditions ?? []).map((c) => [c.type, c]));
  const scheduled = conditions.get('PodScheduled');
  const disruption = conditions.get('DisruptionTarget');
  return known({
    ready: conditions.get('Ready')?.status === 'True',
    unschedulable: scheduled?.reason === 'Unschedulable' ? scheduled.message : undefined,
    disruption: disruption?.status === 'True' ? (disruption.reason ?? disruption.type) : undefined,
  });
}

const views = new WeakMap<Pod, PodView>();

/**
 * A pod of a gang. Attempt and member come from its labels; those of a pod we own were written by us. Read once: objects of a
 * store are replaced, never changed, and a wide gang is looked at anew whenever one of its hundreds of pods is.
 */
export function viewPod(pod: Pod): PodView {
  const seen = views.get(pod) ?? read(pod);
  views.set(pod, seen);
  return seen;
}

function read(pod: Pod): PodView {
  const { metadata, spec = {}, status = {} } = pod;
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  const main = containerStatuses.find((c) => c.name === 'main');
  return known({
    name: metadata.name,
    uid: metadata.uid ?? '',
    attempt: Number(metadata.labels?.[LABEL.attempt] ?? 0),
    member: Number(metadata.labels?.[LABEL.member] ?? 0),
    phase: PHASES.find((p) => p === status.phase) ?? ('Unknown' as const),
    gated: (spec.schedulingGates ?? []).some((g) => g.name === GATE),
    group: spec.schedulingGroup?.podGroupName,
    deleting: metadata.deletionTimestamp !== undefined,
    disowned: isDisowned(pod) || undefined,
    started: main?.state?.running !== undefined,
    node: spec.nodeName,
    ip: status.podIP,
    waiting: complaint([...initContainerStatuses, ...containerStatuses]),
    terminated: terminationOf(main),
    podReason: status.reason,
    podMessage: status.message,
    ...conditionsOf(pod),
  });
}
