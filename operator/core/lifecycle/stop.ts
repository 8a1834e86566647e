/** The end of an attempt: stop what runs, delete what never ran, and finish when nothing holds room any more. */
import { parseDuration } from '../../../crds/duration.ts';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { reasonClass } from '../reasons.ts';
import { type Attempt, isTerminalPod } from './attempt.ts';
import { withConditions } from './conditions.ts';
import { dependentsGone } from './dependents.ts';
import { allOver, endedStatus, isUncounted, stoppingStatus } from './ending.ts';
import { type Ending, outOfMemory, reported } from './judge.ts';
import type { Decision, Effect, Observed, PodView } from './types.ts';
import { isGroupIgnored } from './way.ts';

/** Ends that nobody is in a hurry for: the program may save its state first. */
const GRACEFUL = ['Suspended', 'QueueDrained'];

/** What cx-launch needs beyond the ranks' grace to collect the workers' reports. */
const REPORT_SECONDS = 10;

/** Decides the end and begins it. */
export function beginEnding(o: Observed, a: Attempt, ending: Ending, now: number): Decision {
  const status = withConditions(stoppingStatus(o, a, ending, now), now);
  const good = reasonClass(ending.reason) === 'done';
  const event: Effect = {
    type: 'EmitEvent',
    level: good || ending.reason === 'Suspended' ? 'Normal' : 'Warning',
    reason: ending.reason,
    note: `attempt ${a.assignment.attempt}: ${ending.message}`,
  };
  const said = [event, ...distrust(a, ending)];
  const ended = { ...o, job: { ...o.job, status } };
  const stopping = { ...a, assignment: status.assignment ?? a.assignment, stoppingAt: now };
  if (allOver(o, a)) {
    const { status: last, effects } = finish(ended, stopping, now);
    return { status: last, effects: [...said, ...effects] };
  }
  return { status, effects: [{ type: 'PatchStatus', status }, ...said, ...stopEffects(ended, stopping, now)] };
}

/** What the end of an attempt says of the cluster: the next one starts another way. */
function distrust(a: Attempt, { reason, message }: Ending): Effect[] {
  if (reason === 'PodGroupIgnored') return [{ type: 'DistrustPodGroups', why: message }];
  if (reason !== 'UnscheduledTimeout' || !isGroupIgnored(a)) return [];
  return [{ type: 'DistrustPodGroups', why: `kube-scheduler bound a part of PodGroup ${a.assignment.name}` }];
}

/** One step of an attempt that is already Stopping. */
export function continueEnding(o: Observed, a: Attempt, now: number): Decision {
  if (!allOver(o, a)) return { status: o.job.status, effects: stopEffects(o, a, now) };
  const cause = deeperCause(o, a, now);
  return cause ? beginEnding(o, a, cause, now) : finish(o, a, now);
}

/**
 * What has become known of a failure since its end began: the launcher's account of a killed rank reaches us before or after
 * the word of the member's own kubelet that it was killed for its memory, as it happens; and the account of a member 0 that
 * was given up may only have been late.
 */
function deeperCause(o: Observed, a: Attempt, now: number): Ending | undefined {
  const { reason } = a.assignment.ending ?? {};
  if (reason !== 'ProgramFailed' && reason !== 'MemberLost') return undefined;
  const late = reason === 'MemberLost' ? reported(o, a, now) : undefined;
  return outOfMemory(o, a, now) ?? (late?.reason === 'MemberLost' ? undefined : late);
}

/** How long pods may end by themselves before they are deleted. A program that checkpoints is asked first. */
function patience(o: Observed, a: Attempt): { checkpoint: number; total: number } {
  const spec = o.job.program?.spec;
  const graceful = a.runningAt !== undefined && GRACEFUL.includes(a.assignment.ending?.reason ?? '');
  const checkpoint = graceful && spec?.checkpoint ? parseDuration(spec.checkpoint.before) : 0;
  return { checkpoint, total: checkpoint + parseDuration(spec?.grace ?? '10s') + REPORT_SECONDS };
}

/**
 * Whether nothing of the program runs in the pod. What never ran cannot end by itself; what runs is told, or notices that
 * member 0 is gone, and keeps its log.
 */
function isIdle(a: Attempt, pod: PodView): boolean {
  // Once all have called in, a pod that seems not to run is one whose kubelet has not said so yet.
  const allRan = a.runningAt !== undefined || a.outcome?.started === true;
  if (allRan || pod.terminated !== undefined) return false;
  // Where the start itself failed, members that run wait for the others; they have nothing to save and nothing to say.
  return !pod.started || isUncounted(a.assignment.ending?.reason);
}

function stopEffects(o: Observed, a: Attempt, now: number): Effect[] {
  const elapsed = now - (a.stoppingAt ?? now);
  const { checkpoint, total } = patience(o, a);
  const live = a.pods.filter((pod) => pod !== undefined && !isTerminalPod(pod)) as PodView[];
  const [first] = a.pods;
  const mailbox = first?.started === true ? first.ip : undefined;
  const overdue = elapsed >= total;
  const doomed = live.filter((pod) => !pod.deleting && (overdue || isIdle(a, pod)));
  const effects: Effect[] = doomed.map((pod) => ({
    type: 'DeletePod',
    pod: pod.name,
    uid: pod.uid,
    ...(isIdle(a, pod) && { idle: true }),
  }));
  if (mailbox !== undefined && !overdue) {
    const number = a.assignment.attempt;
    const saving = elapsed < checkpoint;
    const signal = saving
      ? { name: o.job.program?.spec.checkpoint?.signal ?? 'USR1' }
      : { stop: a.assignment.ending?.reason ?? 'Stopped' };
    effects.push({ type: 'Signal', number, ip: mailbox, signal });
    effects.push({ type: 'Requeue', afterSeconds: (saving ? checkpoint : total) - elapsed });
  } else {
    effects.push({ type: 'Requeue', afterSeconds: overdue ? REPORT_SECONDS : total - elapsed });
  }
  return effects;
}

/** Pods whose logs are worth keeping stay until the job goes; those that never computed, or will run again as new, do not. */
function keepsPods(status: JobStatus): boolean {
  return status.state === 'Succeeded' || status.state === 'Failed' || status.state === 'Restarting';
}

function finish(o: Observed, a: Attempt, now: number): Decision {
  const ended = endedStatus(o, a, now);
  const status = withConditions(ended, now);
  const { queue } = a.assignment;
  const gone: Effect[] = keepsPods(status)
    ? []
    : a.pods.flatMap((pod) =>
        pod && !pod.deleting ? [{ type: 'DeletePod' as const, pod: pod.name, uid: pod.uid }] : [],
      );
  const result = status.state === 'Succeeded' ? 'succeeded' : 'failed';
  const record: Effect =
    status.finishedAt === undefined
      ? { type: 'Record', record: { what: 'evicted', queue, reason: status.reason ?? 'Unknown' } }
      : { type: 'Record', record: { what: 'finished', queue, result, runSeconds: status.runSeconds } };
  return {
    status,
    effects: [
      ...gone,
      ...dependentsGone(a.assignment),
      { type: 'PatchStatus', status },
      ...startRecord(o, a),
      record,
      ...(status.finishedAt === undefined || !o.job.finalizer ? [] : [{ type: 'RemoveFinalizer' as const }]),
    ],
  };
}

/** A gang so short that nobody saw it Running has waited and started all the same. */
function startRecord(o: Observed, a: Attempt): Effect[] {
  const { waitSeconds } = o.job.status;
  const startedAt = a.outcome?.started === true ? a.outcome.startedAt : undefined;
  if (a.runningAt !== undefined || startedAt === undefined || waitSeconds === undefined) return [];
  const sinceAdmission = Math.max(0, startedAt - a.admittedAt);
  return [{ type: 'Record', record: { what: 'started', queue: a.assignment.queue, waitSeconds, sinceAdmission } }];
}
