/** What the status of a waiting job says of its start: its place in the queue, and when it should begin. */
import type { JobStatus } from '../../../crds/jobStatus.ts';
import type { Wait } from '../model.ts';
import { formatTime } from '../time.ts';

type Foresight = Pick<JobStatus, 'position' | 'estimatedStart' | 'estimatedStartEarliest' | 'estimatedStartLatest'>;

/** The plan's word as it is written into the status. */
export function foresightOf({ position, eta }: Wait): Foresight {
  if (eta === undefined) return { position };
  return {
    position,
    estimatedStart: formatTime(eta.expected),
    estimatedStartEarliest: formatTime(eta.earliest),
    estimatedStartLatest: formatTime(eta.latest),
  };
}

/** The status of a job that waits no longer, or of which the plan says something else by now. */
export function withoutForesight(status: JobStatus): Omit<JobStatus, keyof Foresight> {
  const {
    position: _position,
    estimatedStart: _expected,
    estimatedStartEarliest: _earliest,
    estimatedStartLatest: _latest,
    ...kept
  } = status;
  return kept;
}
