/** What the simulator replays: the one record that every trace format and the generator are read into. */

/** A part of a gang: equal ranks. A coupled pair (simulation + training) has two parts, everything else one. */
export type WorkloadPart = {
  /** Processors, or processes with accelerators. */
  readonly ranks: number;
  /** Accelerators of each rank; 0: it is on processors. */
  readonly accelerators: number;
  /** Processors of each rank that has no accelerators; absent: 1. */
  readonly processors?: number;
  /** The pool that it runs in; each rank is then a member of the gang. Absent: the first pool that has what it asks for. */
  readonly pool?: string;
};

export type WorkloadJob = {
  readonly id: string;
  /** Seconds on the trace's own clock, never negative. */
  readonly submit: number;
  /** True run time in seconds, at least 0; already cut to `limit` where the system would have killed it. */
  readonly run: number;
  readonly parts: readonly WorkloadPart[];
  /** Walltime that the user asked for, seconds; absent: none. */
  readonly limit?: number;
  /** Run time that the trace itself predicts, seconds; may be wrong in any way, also negative. */
  readonly prediction?: number;
  readonly user?: string;
  readonly group?: string;
  readonly program?: string;
  readonly queue?: string;
  readonly priority?: number;
  /** Seconds on the trace's clock by which the user wants it done. */
  readonly deadline?: number;
  readonly powerClass?: string;
  /** Ids of jobs that must have ended before. */
  readonly after?: readonly string[];
};

/** Why records of a trace were left out, and how many: shown to the user, never swallowed. */
export type Dropped = { readonly reason: string; readonly count: number };

export type Workload = {
  /** By submit time; jobs of the same second keep the order of the file. */
  readonly jobs: readonly WorkloadJob[];
  readonly format: 'swf' | 'philly' | 'chronus' | 'jsonl' | 'synthetic' | 'history';
  /** Records read, before anything was dropped. */
  readonly records: number;
  readonly dropped: readonly Dropped[];
  /** What was changed in records that were kept, e.g. run times cut to the limit. */
  readonly adjusted: readonly Dropped[];
  /** Processors of the machine that the trace itself names. */
  readonly processors?: number;
  /** How many of `processors` are accelerators, where it says so; absent: it does not tell the two apart. */
  readonly accelerators?: number;
  /** Seconds since the epoch of the trace's time 0, where it says so. */
  readonly epoch?: number;
};
