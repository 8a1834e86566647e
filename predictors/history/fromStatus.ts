/**
 * The run that a job's status tells of: how a replica fills the gaps of its own history, and how it records at all. An
 * attempt is over for its length when its end is decided; the status then holds when it computed and why it ended.
 */
import type { Assignment, JobStatus } from '../../crds/jobStatus.ts';
import { parseTime } from '../../crds/time.ts';
import type { ReasonCode } from '../../operator/core/reasons.ts';
import type { Asked, Outcome, Run } from '../run.ts';
import { bounded } from './bounds.ts';

/**
 * What an end means for the length of the run. The program chose it when it ended well or failed by itself; everything
 * else cut it off. Not here: ends of attempts that never computed, and reasons to wait.
 */
const OUTCOMES: Readonly<Partial<Record<ReasonCode, Outcome>>> = {
  Completed: 'succeeded',
  ProvenAndVerified: 'succeeded',
  ProgramFailed: 'failed',
  VerificationFailed: 'failed',
  RanksMisplaced: 'failed',
  OutOfMemory: 'failed',
  LaunchFailed: 'failed',
  CommandNotFound: 'failed',
  TimeLimitExceeded: 'timeLimit',
  NodeLost: 'infrastructure',
  MemberLost: 'infrastructure',
  PodEvicted: 'infrastructure',
  PodDeleted: 'infrastructure',
  ReadyTimeout: 'infrastructure',
  QueueDrained: 'stopped',
  Suspended: 'stopped',
  Deleting: 'stopped',
};

/** What the status does not tell and others may know: then it need not be guessed. */
export type Beside = Pick<Run, 'predicted' | 'joules' | 'joulesSource' | 'watts'> & {
  /** Power limit of each accelerator that the attempt ran under, W. */
  readonly cap?: number;
};

/** When the attempt computed; undefined: it never did, and what stands in the status is an earlier attempt's. */
function computed(status: JobStatus, assignment: Assignment): readonly [start: number, end: number] | undefined {
  const startedAt = parseTime(status.startedAt);
  const admittedAt = parseTime(assignment.admittedAt);
  if (startedAt === undefined || admittedAt === undefined || status.runSeconds === undefined) return undefined;
  const isOfThis = assignment.runningAt !== undefined || startedAt >= admittedAt;
  return isOfThis ? [startedAt, startedAt + status.runSeconds] : undefined;
}

/** The program's own joules, where nobody measured otherwise. */
function energyOf(status: JobStatus, { joules, joulesSource }: Beside): Pick<Run, 'joules' | 'joulesSource'> {
  if (joules !== undefined && joulesSource !== undefined) return { joules, joulesSource };
  const own = status.result?.joules;
  return own === undefined ? {} : { joules: own, joulesSource: 'result' };
}

/**
 * The run of the status's attempt, or why there is none to record, in words that can be counted. Pure: the same status
 * gives the same run on every replica.
 * @param asked what was known at submission; its walltime is replaced by the attempt's, which the queue may have set
 */
export function fromStatus(asked: Asked, status: JobStatus, beside: Beside = {}): Run | string {
  const { assignment, result } = status;
  if (assignment?.ending === undefined) return 'no attempt has ended';
  const outcome = OUTCOMES[assignment.ending.reason as ReasonCode];
  const span = computed(status, assignment);
  if (span === undefined) return 'the attempt never computed';
  if (outcome === undefined) return 'the reason of its end says nothing of its length';
  const [startedAt, endedAt] = span;
  const { predicted, watts, cap } = beside;
  const fom = result?.figureOfMerit;
  const { limit: _asked, ...rest } = asked;
  const limit = assignment.timeSeconds;
  return {
    ...rest,
    ...(limit !== undefined && limit > 0 && { limit }),
    limitEnforced: limit !== undefined && limit > 0,
    attempt: assignment.attempt,
    // Member 0's clock tells the start, the API server's the submission: they may differ a little.
    startedAt: Math.max(startedAt, asked.submittedAt),
    endedAt: Math.max(endedAt, asked.submittedAt),
    outcome,
    censored: outcome !== 'succeeded' && outcome !== 'failed',
    chosen: { pool: assignment.pool, nodes: assignment.members, ...(cap !== undefined && { cap }) },
    ...(predicted !== undefined && { predicted }),
    ...energyOf(status, beside),
    ...(watts !== undefined && { watts }),
    ...(fom !== undefined && { merit: { value: fom.value, unit: bounded(fom.unit, 64) } }),
  };
}
