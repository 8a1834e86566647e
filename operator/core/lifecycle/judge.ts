/**
 * Whether an attempt must end, and how: an ordered chain of small checks, each of which sees everything and says either
 * nothing or why it ends. Order matters: the cause closest to the truth comes first (notes/mpi-launch §5: the pod's own
 * reason, then what the launcher proved, then clocks).
 */
import { known } from '../known.ts';
import type { ReasonCode } from '../reasons.ts';
import { type Attempt, isLost, isTerminalPod, nodeOf } from './attempt.ts';
import { clip } from './conditions.ts';
import { type Outcome, readResult } from './outcome.ts';
import { silenceOf } from './silence.ts';
import type { Observed, PodView } from './types.ts';

export type Ending = {
  readonly reason: ReasonCode;
  readonly message: string;
  readonly member?: number;
  readonly rank?: number;
  readonly exitCode?: number;
  readonly signal?: number;
  readonly tail?: string;
  readonly node?: string;
};

type Check = (o: Observed, a: Attempt, now: number) => Ending | undefined;

const present = (a: Attempt): PodView[] => a.pods.filter((p) => p !== undefined);

function about(a: Attempt, pod: PodView, reason: ReasonCode, message: string): Ending {
  return { reason, message, member: pod.member, node: pod.node ?? nodeOf(a.assignment, pod.member) };
}

/** A member killed for its memory explains every failure that follows from it. */
export const outOfMemory: Check = (_o, a) => {
  if (a.outcome?.outcome === 'succeeded') return undefined;
  const pod = present(a).find((p) => p.terminated?.reason === 'OOMKilled');
  if (!pod) return undefined;
  return {
    ...about(a, pod, 'OutOfMemory', `member ${pod.member} used more memory than it asked for and was killed`),
    ...(pod.terminated && { exitCode: pod.terminated.exitCode }),
  };
};

/** The kubelet or the cluster ended a pod for a reason of its own. */
const podEvicted: Check = (o, a) => {
  if (a.outcome?.outcome === 'succeeded') return undefined;
  const pod = present(a).find(
    (p) => p.podReason !== undefined || (p.disruption !== undefined && (p.deleting || p.phase === 'Failed')),
  );
  if (!pod) return undefined;
  const why = [pod.podReason, pod.disruption, pod.podMessage].filter(Boolean).join(': ');
  const lost = pod.node !== undefined && isLost(o.nodes[pod.node]);
  return lost
    ? about(a, pod, 'NodeLost', `node ${pod.node} of member ${pod.member} was lost (${why})`)
    : about(a, pod, 'PodEvicted', `member ${pod.member} was refused or evicted by node ${pod.node ?? 'none'} (${why})`);
};

/** The program ended well; whether its result is right is for the program to say. */
function completed(outcome: Outcome): Ending {
  const { result, problem } = readResult(outcome);
  if (problem !== undefined) return { reason: 'VerificationFailed', message: problem };
  if (result?.verified === undefined) {
    return { reason: 'Completed', message: 'all ranks ended well; the program reported no verification' };
  }
  if (result.verified) {
    return { reason: 'ProvenAndVerified', message: 'all ranks ended well and the program verified its result' };
  }
  const { name, value = 'unknown', tol = 'unknown' } = result.check ?? {};
  const figures = name === undefined ? '' : `: ${name} is ${value}, allowed ${tol}`;
  return { reason: 'VerificationFailed', message: `the program says that its result is wrong${figures}` };
}

/** Member 0 has ended and says how. */
export const reported: Check = (_o, { outcome, assignment }) => {
  if (!outcome) return undefined;
  const { cause, message, failedMember, failedRank, code, signal, tail } = outcome;
  if (cause === 'Completed') return completed(outcome);
  const seen = known({
    member: failedMember,
    node: failedMember === undefined ? undefined : nodeOf(assignment, failedMember),
    rank: failedRank,
    exitCode: code,
    signal: signal === 0 ? undefined : signal,
    tail: tail === '' ? undefined : tail,
  });
  // Nobody but the kubelet or a person can have stopped it: had it been us, the job would be Stopping.
  if (cause === 'Stopped')
    return { ...seen, reason: 'MemberLost', message: message ?? 'member 0 was stopped from outside' };
  return { ...seen, reason: cause, message: message ?? cause };
};

/** Reasons with which a kubelet says that a container cannot be made; those of pulling may still go away. */
const CONTAINER_REFUSALS: Readonly<Record<string, ReasonCode>> = {
  InvalidImageName: 'InvalidImage',
  ErrImageNeverPull: 'InvalidImage',
  CreateContainerConfigError: 'ContainerRefused',
  CreateContainerError: 'ContainerRefused',
  RunContainerError: 'ContainerRefused',
};

/** Complaints that no waiting will cure. The kubelet tries everything else again by itself. */
const FOR_GOOD = /not found|couldn't find key|non-root|runAsNonRoot/i;

const containerRefused: Check = (o, a, now) => {
  for (const pod of present(a)) {
    const code = pod.waiting ? CONTAINER_REFUSALS[pod.waiting.reason] : undefined;
    if (!code || !pod.waiting) continue;
    const { message, reason } = pod.waiting;
    const words = `member ${pod.member}: ${reason}: ${message}`;
    if (/non-root|runAsNonRoot/.test(message)) return about(a, pod, 'ImageRunsAsRoot', words);
    if (code === 'InvalidImage' || FOR_GOOD.test(message)) return about(a, pod, code, words);
    if (now - (a.startingAt ?? now) >= o.settings.unscheduledSeconds) return about(a, pod, 'ContainerFailed', words);
  }
  return undefined;
};

/** A pod of the gang is gone, going, on a node that was deleted, or ended while member 0 cannot tell us about it. */
const podLost: Check = (o, a) => {
  for (const [member, pod] of a.pods.entries()) {
    const node = pod?.node ?? nodeOf(a.assignment, member);
    if (pod === undefined) {
      if (a.startingAt === undefined) continue; // not created yet
      return isLost(o.nodes[node])
        ? { reason: 'NodeLost', message: `node ${node} of member ${member} was lost`, member, node }
        : { reason: 'PodDeleted', message: `the pod of member ${member} is gone`, member, node };
    }
    if (!pod.deleting && (isTerminalPod(pod) || o.nodes[node]?.exists !== false)) continue;
    return isLost(o.nodes[node])
      ? about(a, pod, 'NodeLost', `node ${node} of member ${member} was lost`)
      : about(a, pod, 'PodDeleted', `the pod of member ${member} was deleted`);
  }
  return undefined;
};

/** Member 0 has ended without a word, or is silent for too long about a worker that ended badly. */
const silentEnd: Check = (_o, a, now) => {
  const [first] = a.pods;
  if (first && isTerminalPod(first)) {
    const code = first.terminated?.exitCode;
    return {
      ...about(
        a,
        first,
        'MemberLost',
        `member 0 ended without an account of how${code === undefined ? '' : ` (exit code ${code})`}`,
      ),
      ...(code !== undefined && { exitCode: code }),
    };
  }
  const silence = silenceOf(a);
  if (!silence || now < silence.until) return undefined;
  const { pod, loss } = silence;
  if (!first || loss === undefined) {
    return about(a, pod, 'MemberLost', `member ${pod.member} ended and member 0 did not report it`);
  }
  return about(a, first, 'MemberLost', `member 0 was lost, says member ${pod.member}: ${loss}`);
};

const refusedWrite: Check = (o, a) =>
  o.refusal?.attempt === a.assignment.attempt ? { reason: o.refusal.reason, message: o.refusal.message } : undefined;

/** The API server keeps no field whose feature gate is off: it drops the group without a word and makes the pod all the same. */
const groupDropped: Check = (_o, a) => {
  const { way, name } = a.assignment;
  const pod = way === 'podGroup' ? present(a).find(({ group }) => group !== name) : undefined;
  if (!pod) return undefined;
  return {
    reason: 'PodGroupIgnored',
    message: `the API server made the pod of member ${pod.member} without its PodGroup`,
    member: pod.member,
  };
};

/** Before the gates are lifted the nodes are looked at once more: what changed since the plan costs nothing yet. */
const nodeUnfit: Check = (o, a) => {
  if (a.startingAt !== undefined) return undefined;
  for (const { node } of a.assignment.placements) {
    const refusal = o.nodes[node]?.refusal;
    if (refusal !== undefined) return { reason: 'NodeUnfit', message: refusal, node };
  }
  return undefined;
};

const suspended: Check = (o) =>
  o.job.program?.spec.suspend ? { reason: 'Suspended', message: 'spec.suspend is true' } : undefined;

const drained: Check = (o, a) =>
  o.draining ? { reason: 'QueueDrained', message: `queue ${a.assignment.queue} is draining` } : undefined;

const barrierTimeout: Check = (o, a, now) => {
  const seen = present(a).length;
  if (a.startingAt !== undefined || now - a.admittedAt < o.settings.barrierSeconds) return undefined;
  return {
    reason: 'PodsRefused',
    message: `${seen} of ${a.pods.length} pods existed after ${o.settings.barrierSeconds} s`,
  };
};

const unscheduledTimeout: Check = (o, a, now) => {
  if (a.startingAt === undefined || now - a.startingAt < o.settings.unscheduledSeconds) return undefined;
  const pod = present(a).find((p) => p.node === undefined);
  if (!pod) return undefined;
  const words = pod.unschedulable ? `: ${pod.unschedulable}` : '';
  return about(
    a,
    pod,
    'UnscheduledTimeout',
    `member ${pod.member} was not bound after ${o.settings.unscheduledSeconds} s${words}`,
  );
};

const PULL_FAILURES = ['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'SignatureValidationFailed'];

/** The kubelet's complaint about an image, if any member has one. */
export function pullFailure(a: Attempt): { pod: PodView; message: string } | undefined {
  const pod = present(a).find((p) => p.waiting !== undefined && PULL_FAILURES.includes(p.waiting.reason));
  return pod?.waiting
    ? { pod, message: `member ${pod.member}: ${pod.waiting.reason}: ${pod.waiting.message}` }
    : undefined;
}

const readyTimeout: Check = (o, a, now) => {
  if (a.startingAt === undefined || a.runningAt !== undefined) return undefined;
  const pull = pullFailure(a);
  // A registry that was away for a moment is back within the unscheduled timeout; a wrong name never is.
  if (pull && now - a.startingAt >= Math.min(o.settings.unscheduledSeconds, o.settings.readySeconds)) {
    return about(a, pull.pod, 'ImagePullFailed', pull.message);
  }
  if (now - a.startingAt < o.settings.readySeconds) return undefined;
  const missing = present(a)
    .filter((p) => !p.started)
    .map((p) => p.member);
  const who =
    missing.length > 0
      ? `members ${missing.slice(0, 8).join(', ')} do not run`
      : 'all members run but have not all called in';
  return { reason: 'ReadyTimeout', message: `not started after ${o.settings.readySeconds} s: ${who}` };
};

const timeLimit: Check = (_o, a, now) => {
  const { timeSeconds } = a.assignment;
  if (timeSeconds === undefined || a.runningAt === undefined || now < a.runningAt + timeSeconds) return undefined;
  return { reason: 'TimeLimitExceeded', message: `ran for its whole walltime of ${timeSeconds} s` };
};

const CHECKS: readonly Check[] = [
  outOfMemory,
  podEvicted,
  reported,
  containerRefused,
  podLost,
  silentEnd,
  refusedWrite,
  groupDropped,
  suspended,
  drained,
  nodeUnfit,
  barrierTimeout,
  unscheduledTimeout,
  readyTimeout,
  timeLimit,
];

/** Why the attempt must end now; undefined while it may go on. */
export function judge(o: Observed, a: Attempt, now: number): Ending | undefined {
  for (const check of CHECKS) {
    const ending = check(o, a, now);
    if (ending) return { ...ending, message: clip(ending.message) };
  }
  return undefined;
}
