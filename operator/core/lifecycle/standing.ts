/** What the status of a job says to a plan: the room that it is charged for, or when and where it may be tried again. */
import type { Assignment, JobStatus } from '../../../crds/jobStatus.ts';
import type { Job } from '../job.ts';
import { known } from '../known.ts';
import type { ChargedGang, Prediction, WaitingGang } from '../model.ts';
import { parseTime } from '../time.ts';

/** A pod of the job, of whichever attempt. */
export type MemberPod = {
  readonly attempt: number;
  readonly member: number;
  /** It has ended: it holds no room any more. */
  readonly over: boolean;
};

type Charged = Pick<Job, 'uid' | 'status'>;

/** The gang of a job that holds room by `assignment`. */
export function chargedGang(
  job: Charged,
  assignment: Assignment,
  pods: readonly MemberPod[],
  predictions?: readonly Prediction[],
): ChargedGang {
  const { queue, pool, members, resources, placements, timeSeconds, attempt } = assignment;
  const released = releasedMembers(
    job,
    members,
    pods.filter((pod) => pod.attempt === attempt),
  );
  return known({
    uid: job.uid,
    queue,
    parts: [{ pool, members, request: resources, placements, released }],
    startedAt: parseTime(assignment.runningAt) ?? parseTime(assignment.admittedAt) ?? 0,
    time: timeSeconds,
    predictions,
  });
}

/** Members that hold no node room any more, in their order: their pods are over. */
function releasedMembers({ status }: Charged, members: number, pods: readonly MemberPod[]): readonly number[] {
  const released = new Set(pods.filter(({ over }) => over).map(({ member }) => member));
  if (status.state === 'Stopping') {
    // A pod that is gone while the gang stops has given its room back too.
    const there = new Set(pods.map(({ member }) => member));
    for (let member = 0; member < members; member += 1) if (!there.has(member)) released.add(member);
  }
  return [...released].sort((a, b) => a - b);
}

/** From when on a job that waits may be tried again, why not before, and which nodes it keeps away from at `now`. */
export function backOff(
  { requeueAt, failure, reason, avoid = [] }: JobStatus,
  now: number,
): Pick<WaitingGang, 'notBefore' | 'backoffReason' | 'avoid'> {
  const notBefore = parseTime(requeueAt);
  return known({
    notBefore,
    backoffReason: notBefore === undefined ? undefined : (failure?.reason ?? reason ?? ''),
    avoid: avoid.filter((e) => (parseTime(e.until) ?? 0) > now).map((e) => e.node),
  });
}

/** When time alone changes what `backOff` says, seconds since the epoch; undefined: never. */
export function backOffChangesAt({ requeueAt, avoid = [] }: JobStatus, now: number): number | undefined {
  const times = [requeueAt, ...avoid.map(({ until }) => until)];
  const ahead = times.map((text) => parseTime(text) ?? 0).filter((at) => at > now);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
