/** An attempt on its way: create its pods, lift their gates together where they have any, see all ranks call in. */
import { parseDuration } from '../../../crds/duration.ts';
import type { JobStatus } from '../../../crds/jobStatus.ts';
import { formatTime } from '../time.ts';
import { type Attempt, nodeOf } from './attempt.ts';
import { withConditions } from './conditions.ts';
import { dependentsMade } from './dependents.ts';
import { pullFailure } from './judge.ts';
import { silenceOf } from './silence.ts';
import type { Decision, Effect, Observed } from './types.ts';

/**
 * Writes that bring an attempt's missing pods into being. What the pods lean on comes first: a pod that exists proves
 * that the rest does, so a restart in between needs no list of secrets or services.
 */
export function createEffects(status: JobStatus, existing: readonly number[]): Effect[] {
  const { assignment } = status;
  if (!assignment) return [];
  const { members } = assignment;
  const dependents = existing.length > 0 ? [] : dependentsMade(assignment);
  const there = new Set(existing);
  const missing = Array.from({ length: members }, (_, member) => member).filter((member) => !there.has(member));
  return [...dependents, ...missing.map((member): Effect => ({ type: 'CreatePod', status, member }))];
}

/** The next step of an attempt that may go on. */
export function advance(o: Observed, a: Attempt, now: number): Decision {
  if (!o.job.finalizer) return repair(o);
  if (o.job.status.state === 'Admitted') return gather(o, a, now);
  if (o.job.status.state === 'Starting') return starting(o, a, now);
  return running(o, a, now);
}

/** A finalizer stripped by hand is put back before anything else: without it a deletion would not wait for the pods. */
function repair(o: Observed): Decision {
  return { status: o.job.status, effects: [{ type: 'AddFinalizer' }] };
}

function gather(o: Observed, a: Attempt, now: number): Decision {
  const { status } = o.job;
  const existing = a.pods.flatMap((pod, member) => (pod ? [member] : []));
  if (existing.length < a.pods.length) {
    const left = a.admittedAt + o.settings.barrierSeconds - now;
    return { status, effects: [...createEffects(status, existing), { type: 'Requeue', afterSeconds: left }] };
  }
  const next = withConditions(
    {
      ...status,
      state: 'Starting',
      reason: 'PodsStarting',
      message: bindingMessage(a),
      assignment: { ...a.assignment, startingAt: formatTime(now) },
    },
    now,
  );
  return {
    status: next,
    effects: [
      { type: 'PatchStatus', status: next },
      ...liftEffects(a),
      { type: 'Record', record: { what: 'lifted', seconds: Math.max(0, now - a.admittedAt) } },
      { type: 'Requeue', afterSeconds: o.settings.unscheduledSeconds },
    ],
  };
}

const bindingMessage = (a: Attempt): string => `all ${a.pods.length} pods exist; they are bound to their nodes now`;

function liftEffects(a: Attempt): Effect[] {
  return a.pods.flatMap((pod): Effect[] =>
    pod?.gated ? [{ type: 'LiftGate', pod: pod.name, uid: pod.uid, node: nodeOf(a.assignment, pod.member) }] : [],
  );
}

function starting(o: Observed, a: Attempt, now: number): Decision {
  const { status } = o.job;
  const since = a.startingAt ?? now;
  // All ranks have called in, so all members are bound, whatever a kubelet says of the first.
  if (a.pods[0]?.ready && a.pods.every((pod) => pod?.node !== undefined)) return becomeRunning(o, a, now);
  const gated = liftEffects(a);
  const pull = pullFailure(a);
  const reason = pull ? 'ImagePullFailed' : 'PodsStarting';
  const message = pull?.message ?? bindingMessage(a);
  const told = status.reason !== reason;
  const next = told ? withConditions({ ...status, reason, message }, now) : status;
  const bounds = [since + o.settings.unscheduledSeconds, since + o.settings.readySeconds].filter((t) => t > now);
  return {
    status: next,
    effects: [
      ...(told ? [{ type: 'PatchStatus' as const, status: next }] : []),
      ...gated,
      { type: 'Requeue', afterSeconds: Math.max(0.1, Math.min(...bounds, now + 60) - now) },
      ...silence(a, now),
    ],
  };
}

function becomeRunning(o: Observed, a: Attempt, now: number): Decision {
  const { status, submittedAt } = o.job;
  const waitSeconds = status.waitSeconds ?? Math.max(0, Math.round((now - submittedAt) * 1000) / 1000);
  const { startFailures: _none, ...kept } = status;
  const next = withConditions(
    {
      ...kept,
      state: 'Running',
      reason: 'Running',
      message: `all ${a.pods.length} members have called in`,
      startedAt: formatTime(now),
      waitSeconds,
      assignment: { ...a.assignment, runningAt: formatTime(now) },
    },
    now,
  );
  const { queue } = a.assignment;
  return {
    status: next,
    effects: [
      { type: 'PatchStatus', status: next },
      {
        type: 'Record',
        record: { what: 'started', queue, waitSeconds, sinceAdmission: Math.max(0, now - a.admittedAt) },
      },
      {
        type: 'EmitEvent',
        level: 'Normal',
        reason: 'Running',
        note: `attempt ${a.assignment.attempt}: ${next.message}`,
      },
      ...deadline(o, { ...a, runningAt: now }, now),
    ],
  };
}

/** When the next thing happens by the clock alone: the checkpoint before the deadline, or the deadline. */
function deadline(o: Observed, a: Attempt, now: number): Effect[] {
  const { timeSeconds, checkpointAt } = a.assignment;
  if (timeSeconds === undefined || a.runningAt === undefined) return [];
  const end = a.runningAt + timeSeconds;
  const before = checkpointAt === undefined ? leadOf(o) : undefined;
  const next = before === undefined ? end : end - before;
  return [{ type: 'Requeue', afterSeconds: Math.max(0.1, next - now) }];
}

/** A member that failed while member 0 keeps silent is judged once the silence has lasted; no event need come by then. */
function silence(a: Attempt, now: number): Effect[] {
  const { until } = silenceOf(a) ?? {};
  return until === undefined ? [] : [{ type: 'Requeue', afterSeconds: Math.max(0.1, until - now) }];
}

function leadOf(o: Observed): number | undefined {
  const checkpoint = o.job.program?.spec.checkpoint;
  return checkpoint ? parseDuration(checkpoint.before) : undefined;
}

function running(o: Observed, a: Attempt, now: number): Decision {
  const { status, program } = o.job;
  const { timeSeconds, checkpointAt, attempt } = a.assignment;
  const lead = leadOf(o);
  const ip = a.pods[0]?.ip;
  const due =
    timeSeconds !== undefined &&
    lead !== undefined &&
    a.runningAt !== undefined &&
    now >= a.runningAt + timeSeconds - lead;
  if (!due || checkpointAt !== undefined || ip === undefined) {
    return { status, effects: [...deadline(o, a, now), ...silence(a, now)] };
  }
  const assignment = { ...a.assignment, checkpointAt: formatTime(now) };
  const next = { ...status, assignment };
  return {
    status: next,
    effects: [
      { type: 'Signal', number: attempt, ip, signal: { name: program?.spec.checkpoint?.signal ?? 'USR1' } },
      { type: 'PatchStatus', status: next },
      ...deadline(o, { ...a, assignment }, now),
    ],
  };
}
