/** The state as it is against the state as it might be, job by job. */
import type { StartedPart } from '../../core/model.ts';
import type { Fate } from './continue.ts';

export type Row = {
  readonly namespace: string;
  readonly name: string;
  readonly queue: string;
  /** new: the job that was asked about. */
  readonly state: 'starts now' | 'waits' | 'new';
  /** Why it does not start at once; as things are, and for a new job under the what-if. */
  readonly reason?: string;
  readonly message?: string;
  /** Starts in seconds since the epoch; absent: none is in sight. */
  readonly now?: number;
  readonly whatIf?: number;
  /** Later by so many seconds, or earlier; absent where one of the two starts is. */
  readonly movedBy?: number;
  /** Where it starts under the what-if. */
  readonly parts?: readonly StartedPart[];
  /** What keeps it for good under the what-if, where no start is in sight. */
  readonly left?: { readonly reason: string; readonly message: string };
};

const bySooner = (a: Row, b: Row) =>
  (a.now ?? a.whatIf ?? Number.POSITIVE_INFINITY) - (b.now ?? b.whatIf ?? Number.POSITIVE_INFINITY) || 0;

function rowOf(base: Fate | undefined, changed: Fate): Row {
  const { gang, reason, message } = base ?? changed;
  const waits = reason === undefined ? 'starts now' : 'waits';
  const parts = changed.start?.parts;
  return {
    namespace: gang.namespace,
    name: gang.name,
    queue: gang.queue,
    state: base ? waits : 'new',
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(base?.at !== undefined && { now: base.at }),
    ...(changed.at !== undefined && { whatIf: changed.at }),
    ...(base?.at !== undefined && changed.at !== undefined && { movedBy: changed.at - base.at }),
    ...(parts && { parts }),
    ...(changed.left && { left: changed.left }),
  };
}

/** Rows of the jobs that wait in the changed state, soonest first as things are; new jobs stand where they would start. */
export function outcome(base: readonly Fate[], changed: readonly Fate[]): readonly Row[] {
  const before = new Map(base.map((fate) => [fate.gang.uid, fate]));
  return changed.map((fate) => rowOf(before.get(fate.gang.uid), fate)).toSorted(bySooner);
}
