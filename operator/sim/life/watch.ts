/** What must hold of a gang whenever nothing is left to be written for it. */
import { isLost, isTerminalPod, nodeOf } from '../../core/lifecycle/attempt.ts';
import { holdsRoom } from '../../core/lifecycle/conditions.ts';
import { paced } from '../../core/lifecycle/settings.ts';
import type { Settings } from '../../core/lifecycle/types.ts';
import type { Gang } from './gang.ts';
import type { Nodes } from './nodes.ts';

/** Statuses know milliseconds, and the controller looks again a tenth of a second late at most. */
const LATE = 0.2;

type Around = { readonly nodes: Nodes; readonly settings: Settings };

/** What is broken, in words; undefined: nothing. */
export function brokenIn(gang: Gang, { nodes, settings }: Around, now: number): string | undefined {
  const { name, status } = gang.job;
  const { state, assignment } = status;
  if (!holdsRoom(state) || !assignment) {
    const live = gang.pods.all.some((pod) => !isTerminalPod(pod) && !pod.deleting);
    return live ? `job ${name} is ${state ?? 'new'} and has live pods` : undefined;
  }
  const pods = gang.pods.of(assignment.attempt);
  const stray = pods.find((pod) => pod.node !== undefined && pod.node !== nodeOf(assignment, pod.member));
  if (stray) return `job ${name} has member ${stray.member} on ${stray.node}, where it was not placed`;
  const views = nodes.views(assignment.placements);
  const up = pods.filter((pod) => pod.started && pod.node !== undefined && !isLost(views[pod.node])).length;
  if (state === 'Running' && up !== assignment.members)
    return `job ${name} is Running with ${up} of ${assignment.members} members at ${now}`;
  const { barrierSeconds, readySeconds } = paced(settings, assignment.members);
  const late = now > gang.admittedAt + barrierSeconds + readySeconds + LATE;
  if ((state === 'Admitted' || state === 'Starting') && late) return `job ${name} is ${state} after its start window`;
  return walltimeOf(gang, now);
}

function walltimeOf({ job, waiting, computesSince }: Gang, now: number): string | undefined {
  const { time } = waiting;
  if (job.status.state !== 'Running' || time === undefined || computesSince === undefined) return undefined;
  return now > computesSince + time + LATE ? `job ${job.name} runs on after its walltime of ${time} s` : undefined;
}

/** The same of a job that has ended for good at `now`. */
export function brokenEnd({ job, live, waiting, computesSince = 0 }: Gang, now: number): string | undefined {
  const { state, reason } = job.status;
  const ran = now - computesSince;
  if (reason === 'TimeLimitExceeded' && live.job.run <= (waiting.time ?? Number.POSITIVE_INFINITY))
    return `job ${job.name} was ended at its walltime of ${waiting.time} s and needed only ${live.job.run} s`;
  if (state === 'Succeeded' && ran + LATE < live.job.run)
    return `job ${job.name} ended well after ${ran} s of ${live.job.run} s`;
  return undefined;
}
