/** Records of an SWF trace as runs: a history to begin with. The trace is read elsewhere; here is only what it means. */
import type { Outcome, Run } from '../../run.ts';

/** What is used of a record of the Standard Workload Format 2.2, seconds on the trace's own clock; undefined: unknown. */
export type SwfRow = {
  readonly id: string;
  readonly submit: number | undefined;
  /** Seconds from submit to start (column 3). */
  readonly wait?: number | undefined;
  readonly run: number | undefined;
  readonly allocated: number | undefined;
  readonly requested: number | undefined;
  readonly limit: number | undefined;
  /** 0 failed, 1 completed, 5 cancelled; 2 to 4: a piece of a job that another line gives whole. */
  readonly status: number;
  readonly user: string | undefined;
  readonly executable: string | undefined;
  readonly queue: string | undefined;
};

export type SwfOptions = {
  /** Name of the trace: runs of two traces must not share their uids, nor their users their habits. */
  readonly trace: string;
  /** Seconds since the epoch of the trace's time 0 (`UnixStartTime`). */
  readonly epoch: number;
  /** Whether a run was ended at its limit there (see obeysLimits); later ends are then cut to it. */
  readonly limitEnforced: boolean;
};

/** From this share of obedient runs on a limit is taken to be enforced, and the rest to be ended late. */
const OBEYED = 0.9;

/** Whether the limits of a trace were enforced, as far as its runs show. False where no run has one. */
export function obeysLimits(rows: Iterable<Pick<SwfRow, 'run' | 'limit'>>): boolean {
  let [limited, obeying] = [0, 0];
  for (const { run, limit } of rows) {
    if (run === undefined || limit === undefined) continue;
    limited++;
    if (run <= limit) obeying++;
  }
  return limited > 0 && obeying >= OBEYED * limited;
}

function outcomeOf({ status }: SwfRow, isAtLimit: boolean): Outcome {
  if (isAtLimit) return 'timeLimit';
  if (status === 5) return 'stopped';
  return status === 0 ? 'failed' : 'succeeded';
}

/** Why a record is no run, in words without figures so that they can be counted; undefined: it is one. */
function problemOf({ status, submit, run, allocated, requested }: SwfRow): string | undefined {
  if (status >= 2 && status <= 4) return 'a piece of a job that another line gives whole';
  if (submit === undefined) return 'submit time unknown';
  if (!run) return 'run time unknown or zero';
  return allocated || requested ? undefined : 'processors unknown or zero';
}

/** The run of a record, or why it is none. */
export function fromSwf(row: SwfRow, { trace, epoch, limitEnforced }: SwfOptions): Run | string {
  const problem = problemOf(row);
  if (problem !== undefined) return problem;
  const { id, submit = 0, wait = 0, run = 0, allocated = 0, requested = 0, limit, user, executable, queue } = row;
  const ranks = Math.max(allocated, requested);
  const isEnforced = limitEnforced && limit !== undefined;
  const outcome = outcomeOf(row, isEnforced && run >= limit);
  const submittedAt = epoch + submit;
  const startedAt = submittedAt + wait;
  return {
    uid: `swf/${trace}/${id}`,
    attempt: 1,
    kind: 'SWF',
    ...(user !== undefined && { user: `${trace}/${user}` }),
    queue: queue ?? 'unknown',
    submittedAt,
    ...(limit !== undefined && { limit }),
    limitEnforced: isEnforced,
    // A number that stands for the program: all that the format tells.
    ...(executable !== undefined && { image: `${trace}/${executable}` }),
    command: [],
    nodes: ranks,
    ranks,
    gpus: 0,
    cpus: ranks,
    memory: 0,
    declared: {},
    startedAt,
    endedAt: startedAt + (isEnforced ? Math.min(run, limit) : run),
    outcome,
    censored: outcome === 'timeLimit' || outcome === 'stopped',
    chosen: { pool: trace, nodes: ranks },
  };
}
