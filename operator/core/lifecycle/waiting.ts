/** A job that holds no room: it waits, or the plan starts it and its assignment is written before anything is created. */
import type { JobStatus } from '../../../crds/jobStatus.ts';
import type { Job } from '../job.ts';
import { known } from '../known.ts';
import type { Wait } from '../model.ts';
import { attemptName } from '../names.ts';
import { isPatient } from '../reasons.ts';
import { formatTime, parseTime } from '../time.ts';
import { strayEffects } from './attempt.ts';
import { clip, withConditions } from './conditions.ts';
import { foresightOf, withoutForesight } from './foresight.ts';
import { createEffects } from './progress.ts';
import type { Decision, Effect, Observed, Verdict } from './types.ts';

type Planned = Extract<Verdict, { start: unknown }>['start'];

/** Every change of position is worth a write up to this place in the queue … */
const NEAR_HEAD = 100;
/** … and the figures of what is lacking, which change with every start and end, up to this one. */
const AT_HEAD = 10;
/** Share by which a position further back, or the remaining wait, must change to be worth a write. */
const SHIFT = 0.1;

export function decideWaiting(o: Observed, now: number): Decision {
  const { job, verdict } = o;
  const strays = strayEffects(o);
  if (strays.length > 0) return { status: job.status, effects: strays };
  if (job.problem !== undefined)
    return settle(o, { state: 'Failed', reason: 'InvalidSpec', message: job.problem }, now);
  if (job.program?.spec.suspend) {
    return settle(
      o,
      { state: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true; set it to false to let the job run' },
      now,
    );
  }
  if (verdict && 'wait' in verdict) return wait(o, verdict.wait, now);
  if (verdict && isCurrent(o.job, verdict.start)) return start(o, verdict.start, now);
  return job.status.state === 'Suspended'
    ? settle(o, { state: 'Queued', reason: 'WaitingForPlan', message: 'the next plan will look at it' }, now)
    : { status: job.status, effects: [] };
}

/**
 * Whether a start was planned for the job as it is: for its next attempt, and for the spec that it has now. Any other was
 * overtaken (the job has run since, or asks another queue), and the plan will look at the job again.
 */
function isCurrent({ status, generation }: Job, planned: Planned): boolean {
  return planned.attempt === (status.attempts ?? 0) + 1 && planned.generation === generation;
}

/** Writes a state unless it already stands there. */
function settle(o: Observed, to: Pick<JobStatus, 'state' | 'reason' | 'message'>, now: number): Decision {
  const { status, generation } = o.job;
  if (status.state === to.state && status.reason === to.reason && status.message === to.message)
    return { status, effects: [] };
  const { assignment: _a, ...kept } = withoutForesight(status);
  const next = withConditions(
    {
      ...kept,
      ...to,
      observedGeneration: generation,
      ...(to.state === 'Queued' && { queuedAt: formatTime(now) }),
      ...(to.state === 'Failed' && { finishedAt: formatTime(now) }),
    },
    now,
  );
  const level = to.state === 'Failed' ? ('Warning' as const) : ('Normal' as const);
  const event: Effect = { type: 'EmitEvent', level, reason: to.reason ?? '', note: to.message ?? '' };
  return {
    status: next,
    effects: [{ type: 'PatchStatus', status: next }, ...(to.reason === 'WaitingForPlan' ? [] : [event])],
  };
}

type Told = Pick<Job, 'status' | 'generation'>;

/** Whether the plan says something else than stands in the status, and not only other figures. */
export function isNews({ status, generation }: Told, w: Wait): boolean {
  if (status.reason !== w.reason || (status.state !== 'Queued' && status.state !== 'Restarting')) return true;
  return status.observedGeneration !== generation;
}

/** A message without its times: they move with every gang that outruns its estimate. How far the start moves is judged apart. */
function timeless(message: string | undefined): string | undefined {
  return message?.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'T');
}

/** Whether the plan's word differs enough from what stands in the status to be worth a write. */
export function isLoud(job: Told, w: Wait, now: number): boolean {
  if (isNews(job, w)) return true;
  const { status } = job;
  if (timeless(status.message) !== timeless(clip(w.message)) && (w.position <= AT_HEAD || !isPatient(w.reason)))
    return true;
  const moved = Math.abs(w.position - (status.position ?? 0));
  if (moved > 0 && (w.position <= NEAR_HEAD || moved > SHIFT * (status.position ?? 0))) return true;
  const before = parseTime(status.estimatedStart);
  const expected = w.eta?.expected;
  if (before === undefined || expected === undefined) return before !== expected;
  return Math.abs(before - expected) > Math.max(1, SHIFT * Math.max(before - now, expected - now));
}

/** Told once: a later leader, which has learned other things, keeps to it. */
function predicted({ job, prediction }: Observed): Pick<JobStatus, 'prediction'> {
  const told = job.status.prediction ?? prediction;
  return told ? { prediction: told } : {};
}

function wait(o: Observed, w: Wait, now: number): Decision {
  const { status, generation } = o.job;
  if (!isLoud(o.job, w, now)) return { status, effects: [] };
  const { assignment: _a, ...kept } = withoutForesight(status);
  const next = withConditions(
    {
      ...kept,
      ...foresightOf(w),
      ...predicted(o),
      observedGeneration: generation,
      state: status.state === 'Restarting' ? 'Restarting' : 'Queued',
      reason: w.reason,
      message: w.message,
      queuedAt: status.queuedAt ?? formatTime(now),
    },
    now,
  );
  const effects: Effect[] = [{ type: 'PatchStatus', status: next }];
  if (status.reason !== w.reason)
    effects.push({ type: 'EmitEvent', level: 'Normal', reason: w.reason, note: w.message });
  return { status: next, effects };
}

function start(o: Observed, s: Planned, now: number): Decision {
  const { job } = o;
  const { status, program } = job;
  // Jobs have one part so far.
  const [part] = s.parts;
  if (!program || !part) return { status, effects: [] };
  const { pool, members, placements } = part;
  const attempt = (status.attempts ?? 0) + 1;
  const { waitSeconds, attempts, restarts, infrastructureRetries, startFailures, failure, conditions, avoid } = status;
  // What an earlier attempt reported or how long it computed is not this one's.
  const kept = known({
    waitSeconds,
    attempts,
    restarts,
    infrastructureRetries,
    startFailures,
    failure,
    conditions,
    avoid,
    ...predicted(o),
  });
  const next = withConditions(
    {
      ...kept,
      observedGeneration: job.generation,
      state: 'Admitted',
      reason: 'Admitted',
      message: `${members} members in pool ${pool} on ${placements.length} nodes`,
      attempts: attempt,
      nodesUsed: members,
      assignment: {
        attempt,
        name: attemptName(job, attempt),
        pool,
        queue: program.spec.queue,
        members,
        way: o.way ?? 'gate',
        placements: placements.map((p) => ({ ...p })),
        resources: { ...s.request },
        ...(s.time !== undefined && { timeSeconds: s.time }),
        admittedAt: formatTime(now),
      },
    },
    now,
  );
  const waited = now - (parseTime(status.queuedAt) ?? job.submittedAt);
  // Logs of the attempt before are kept; older ones go, so that restarts do not pile up pods. Before the status is written:
  // once it is, nothing looks at them again.
  const old = o.pods.filter((pod) => pod.attempt < attempt - 1 && !pod.deleting);
  return {
    status: next,
    effects: [
      ...(job.finalizer ? [] : [{ type: 'AddFinalizer' as const }]),
      ...old.map((pod): Effect => ({ type: 'DeletePod', pod: pod.name, uid: pod.uid })),
      { type: 'PatchStatus', status: next },
      { type: 'Record', record: { what: 'admitted', queue: program.spec.queue, waitSeconds: Math.max(0, waited) } },
      { type: 'EmitEvent', level: 'Normal', reason: 'Admitted', note: `attempt ${attempt}: ${next.message}` },
      ...createEffects(next, []),
      { type: 'Requeue', afterSeconds: o.settings.barrierSeconds },
    ],
  };
}
