/** What follows from the end of an attempt: the next state, what it costs of the job's retries, and when it is tried again. */
import type { JobFailure, JobStatus } from '../../../crds/jobStatus.ts';
import { type ReasonCode, reasonClass } from '../reasons.ts';
import { formatTime, parseTime } from '../time.ts';
import { type Attempt, isOver } from './attempt.ts';
import { withoutForesight } from './foresight.ts';
import type { Ending } from './judge.ts';
import { figureOfMeritText, readResult } from './outcome.ts';
import type { Observed } from './types.ts';

type Next = 'Queued' | 'Restarting' | 'Suspended' | 'Succeeded' | 'Failed';

/** Ends that say nothing against the job: it goes back to its place and no retry is counted. */
const UNCOUNTED: readonly ReasonCode[] = [
  'PodsRefused',
  'PodConflict',
  'PodGroupIgnored',
  'NodeUnfit',
  'UnscheduledTimeout',
  'QueueDrained',
];

export function isUncounted(reason: string | undefined): boolean {
  return UNCOUNTED.some((each) => each === reason);
}

/** Ends after which the node is avoided for a while. */
const NODE_TO_BLAME: readonly ReasonCode[] = [
  'UnscheduledTimeout',
  'NodeLost',
  'PodEvicted',
  'ImagePullFailed',
  'ContainerFailed',
];

const FIRST_BACKOFF = 5;
const MAX_BACKOFF = 300;

/**
 * Seconds until the next attempt: none after the first loss of an attempt that computed, so that a lost node costs as little
 * as it can; else 5 s, doubled for each attempt in a row that never computed, to 5 minutes.
 */
export function backoffSeconds(failures: number): number {
  return failures <= 0 ? 0 : Math.min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (failures - 1));
}

type Follow = { next: Next; restart: boolean; retry: boolean };

function nextState({ job }: Observed, reason: ReasonCode): Follow {
  const follow = (next: Next, uses: Partial<Follow> = {}): Follow => ({ next, restart: false, retry: false, ...uses });
  if (reason === 'Suspended') return follow('Suspended');
  if (isUncounted(reason)) return follow('Queued');
  const kind = reasonClass(reason);
  if (kind === 'done') return follow('Succeeded');
  const { restarts: allowed = 0, infrastructureRetries: allowedRetries = 0 } = job.program?.spec ?? {};
  const { restarts = 0, infrastructureRetries = 0 } = job.status;
  if (kind === 'program' && restarts < allowed) return follow('Restarting', { restart: true });
  if (kind === 'retry' && infrastructureRetries < allowedRetries) return follow('Restarting', { retry: true });
  return follow('Failed');
}

function failureOf(a: Attempt, ending: Ending, now: number): JobFailure {
  const { reason, message, member, rank, exitCode, signal, tail, node } = ending;
  return {
    reason,
    message,
    attempt: a.assignment.attempt,
    at: formatTime(now),
    ...(member !== undefined && { member }),
    ...(rank !== undefined && { rank }),
    ...(node !== undefined && node !== '' && { node }),
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    ...(tail !== undefined && { tail: tail.slice(-2048) }),
  };
}

/** When the program began and ended to compute, by member 0's clock where it tells, else by what was observed. */
function computed(a: Attempt, now: number): { startedAt?: number; seconds?: number } {
  const startedAt = a.outcome?.started === false ? undefined : (a.outcome?.startedAt ?? a.runningAt);
  if (startedAt === undefined) return {};
  const endedAt = a.outcome?.endedAt ?? now;
  return { startedAt, seconds: Math.max(0, endedAt - startedAt) };
}

/** The status in which the end is decided: Stopping, with what comes next written down before anything is stopped. */
export function stoppingStatus(o: Observed, a: Attempt, ending: Ending, now: number): JobStatus {
  const { failure: before, ...status } = o.job.status;
  const { next } = nextState(o, ending.reason);
  const good = reasonClass(ending.reason) === 'done' || ending.reason === 'Suspended';
  const { startedAt, seconds } = computed(a, now);
  const { result } = a.outcome ? readResult(a.outcome) : {};
  const fom = figureOfMeritText(result);
  // What was taken for a failure of this very attempt was none.
  const earlier = before?.attempt === a.assignment.attempt ? undefined : before;
  const failure = good ? earlier : failureOf(a, ending, now);
  return {
    ...status,
    state: 'Stopping',
    reason: ending.reason,
    message: ending.message,
    assignment: {
      ...a.assignment,
      stoppingAt: formatTime(now),
      ending: { next, reason: ending.reason, message: ending.message },
    },
    ...(startedAt !== undefined && {
      startedAt: formatTime(startedAt),
      waitSeconds: status.waitSeconds ?? rounded(startedAt - o.job.submittedAt),
    }),
    ...(seconds !== undefined && { runSeconds: rounded(seconds) }),
    ...(failure && { failure }),
    ...(result && { result }),
    ...(fom !== undefined && { figureOfMerit: fom }),
  };
}

const rounded = (seconds: number) => Math.max(0, Math.round(seconds * 1000) / 1000);

function avoided(o: Observed, reason: ReasonCode, node: string | undefined, now: number): Pick<JobStatus, 'avoid'> {
  const still = (o.job.status.avoid ?? []).filter((e) => (parseTime(e.until) ?? 0) > now && e.node !== node);
  const more =
    node !== undefined && NODE_TO_BLAME.includes(reason)
      ? [{ node, until: formatTime(now + o.settings.avoidSeconds) }]
      : [];
  const avoid = [...still, ...more].slice(-64);
  return avoid.length > 0 ? { avoid } : {};
}

/** The status after the last pod of an ending attempt is over. Requires `assignment.ending`. */
export function endedStatus(o: Observed, a: Attempt, now: number): JobStatus {
  const { status } = o.job;
  const ending = a.assignment.ending ?? { next: 'Failed' as const, reason: 'MemberLost', message: '' };
  const { next, message } = ending;
  const reason = ending.reason as ReasonCode;
  const { restart, retry } = next === 'Restarting' ? nextState(o, reason) : { restart: false, retry: false };
  const { avoid: _old, requeueAt: _at, ...kept } = withoutForesight(status);
  const base: JobStatus = {
    ...kept,
    state: next,
    reason,
    message,
    ...(restart && { restarts: (status.restarts ?? 0) + 1 }),
    ...(retry && { infrastructureRetries: (status.infrastructureRetries ?? 0) + 1 }),
  };
  if (next === 'Succeeded' || next === 'Failed') return { ...base, finishedAt: formatTime(now) };
  const { assignment: _done, ...waiting } = base;
  return next === 'Suspended' ? waiting : { ...waiting, ...again(o, a, reason, now) };
}

/** When and where the next attempt may run. */
function again(o: Observed, a: Attempt, reason: ReasonCode, now: number): JobStatus {
  const { status } = o.job;
  const computedOnce = a.runningAt !== undefined || a.outcome?.started === true;
  const failedAgain = computedOnce ? Number(reasonClass(reason) === 'program') : (status.startFailures ?? 0) + 1;
  const delay = reason === 'QueueDrained' ? 0 : backoffSeconds(failedAgain);
  return {
    startFailures: failedAgain,
    ...avoided(o, reason, status.failure?.node, now),
    ...(delay > 0 && { requeueAt: formatTime(now + delay) }),
    queuedAt: formatTime(now),
  };
}

/** Whether every pod of the attempt is terminal, gone, or lost with its node. */
export function allOver(o: Observed, a: Attempt): boolean {
  return a.pods.every((pod) => isOver(o, pod));
}
