/** Standard conditions, derived from the one state so that they can never contradict each other. */
import type { JobStatus, State } from '../../../crds/jobStatus.ts';
import { formatTime } from '../time.ts';

const HOLDING: readonly State[] = ['Admitted', 'Starting', 'Running', 'Stopping'];

/** Type of each condition and the states in which it is True. */
const TRUE_IN: Readonly<Record<string, readonly State[]>> = {
  Queued: ['Queued', 'Restarting'],
  Admitted: HOLDING,
  Running: ['Running'],
  Suspended: ['Suspended'],
  Succeeded: ['Succeeded'],
  Failed: ['Failed'],
};

/** Messages quote kubelets and registries, who know no limit; the schema has one. */
export function clip(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;
}
const MAX_MESSAGE = 4096;

type Truth = { readonly status: string; readonly lastTransitionTime: string };

/** Time of the last transition of a condition that is `truth` at `now` and was `before`. */
export function transitionTime(before: Truth | undefined, truth: string, now: number): string {
  return before?.status === truth ? before.lastTransitionTime : formatTime(now);
}

/** `status` with its conditions; transition times are kept where the truth did not change. */
export function withConditions(given: JobStatus, now: number): JobStatus {
  const status = given.message === undefined ? given : { ...given, message: clip(given.message) };
  const { state = 'Queued', reason = state, message = '', observedGeneration = 0 } = status;
  const before = new Map((status.conditions ?? []).map((c) => [c.type, c]));
  const conditions = Object.entries(TRUE_IN)
    // Every job has been queued, however short; the others appear with the first time they hold.
    .filter(([type, states]) => type === 'Queued' || states.includes(state) || before.has(type))
    .map(([type, states]) => {
      const truth = states.includes(state) ? ('True' as const) : ('False' as const);
      const lastTransitionTime = transitionTime(before.get(type), truth, now);
      return { type, status: truth, observedGeneration, lastTransitionTime, reason, message };
    });
  return { ...status, conditions };
}

/** Whether a job in this state is charged to its queue. */
export function holdsRoom(state: State | undefined): boolean {
  return state !== undefined && HOLDING.includes(state);
}

export function isTerminal(state: State | undefined): boolean {
  return state === 'Succeeded' || state === 'Failed';
}
