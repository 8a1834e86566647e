/** A deleted job: it stays, and stays charged, until its last pod is over; then the finalizer goes and the rest is garbage collected. */
import { formatTime } from '../time.ts';
import { attemptOf, isOver, isTerminalPod, strayEffects } from './attempt.ts';
import { holdsRoom, withConditions } from './conditions.ts';
import { dependentsGone } from './dependents.ts';
import type { Decision, Effect, Observed } from './types.ts';

export function decideDeletion(o: Observed, now: number): Decision {
  const { status, finalizer } = o.job;
  if (!finalizer) return { status, effects: [] };
  const attempt = attemptOf(o);
  const strays = strayEffects(o);
  if (!attempt || !holdsRoom(status.state)) return { status, effects: [...strays, { type: 'RemoveFinalizer' }] };

  const { assignment } = attempt;
  const stopping = withConditions(
    {
      ...status,
      state: 'Stopping',
      reason: 'Deleting',
      message: 'the job was deleted; its pods are being stopped',
      assignment: { ...assignment, stoppingAt: assignment.stoppingAt ?? formatTime(now) },
    },
    now,
  );
  const entering: Effect[] = status.reason === 'Deleting' ? [] : [{ type: 'PatchStatus', status: stopping }];
  const live = o.pods.filter((pod) => !isTerminalPod(pod));
  const effects: Effect[] = [
    ...entering,
    ...live.filter((pod) => !pod.deleting).map((pod): Effect => ({ type: 'DeletePod', pod: pod.name, uid: pod.uid })),
  ];
  const done = o.pods.every((pod) => isOver(o, pod));
  return {
    status: entering.length > 0 ? stopping : status,
    effects: done ? [...strays, ...dependentsGone(assignment), { type: 'RemoveFinalizer' }] : effects,
  };
}
