/** What one simulated run yields, before anything is averaged. Times are seconds on the trace's clock. */

export type NodePlacement = { readonly node: string; readonly members: number };

/** An estimate of the start, given at some moment. */
export type EtaInterval = {
  /** When it was given. */
  readonly at: number;
  readonly earliest: number;
  readonly expected: number;
  /** Absent: no bound could be told. */
  readonly latest?: number;
};

/** One job that ran to its end. */
export type JobResult = {
  readonly id: string;
  /** Place in order of submission, from 0. */
  readonly index: number;
  readonly submit: number;
  /** When it could have started at the earliest: submission, or the end of what it had to wait for. */
  readonly eligible: number;
  readonly start: number;
  readonly end: number;
  readonly run: number;
  readonly limit?: number;
  /** Ranks, or accelerators where it has any. */
  readonly width: number;
  readonly queue: string;
  readonly user?: string;
  readonly pools: readonly string[];
  readonly placements: readonly NodePlacement[];
  /** Distinct values of the pool's widest topology label that it spans; 1 where there is none. */
  readonly domains: number;
  /** head: in its turn; backfill: before a gang ahead of it. */
  readonly startedBy: 'head' | 'backfill';
  /** Score by which it was ordered when it started; lower goes first. */
  readonly orderKey: number;
  /** Start that was promised by its first and last reservation, and how often it was moved later by more than 1 s. */
  readonly reservation?: { readonly first: number; readonly last: number; readonly moved: number };
  /** Estimate given at submission. */
  readonly eta?: EtaInterval;
  /** Predicted run time at submission and at the start, by quantile. */
  readonly predicted?: { readonly submit: Quantiles; readonly start: Quantiles };
  /** The prediction expired: it ran longer than planned. */
  readonly expired: boolean;
  /** Seconds waited for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Where the lives of gangs were simulated; `start` and `placements` are then those of its last attempt. */
  readonly life?: JobLife;
};

/** How a job lived, by the statuses that the operator would have written. */
export type JobLife = {
  readonly state: 'Succeeded' | 'Failed';
  /** Why it ended, from the table of reasons. */
  readonly reason: string;
  readonly attempts: number;
  /** Seconds that the last attempt computed. */
  readonly ran: number;
  /** Start of the first attempt. */
  readonly firstStart: number;
  /** Width times seconds that attempts held room without ending well. */
  readonly lost: number;
};

export type Quantiles = { readonly q10: number; readonly q50: number; readonly q90: number };

/** State of one pool at one moment; `unit` is its accelerator, or processors. */
export type SeriesPoint = {
  readonly at: number;
  readonly pool: string;
  readonly used: number;
  readonly free: number;
  readonly waiting: number;
  readonly running: number;
  /** Units promised to reservations. */
  readonly reserved: number;
  /** Share of the free units that lie on nodes in use: 0 is no fragmentation. */
  readonly fragmentation: number;
};

export type PoolSize = { readonly pool: string; readonly nodes: readonly string[]; readonly units: number };

export type RunResult = {
  /** What was simulated: trace, machine, policy, estimates, seed. */
  readonly setup: Readonly<Record<string, unknown>>;
  readonly pools: readonly PoolSize[];
  /** In order of submission. */
  readonly jobs: readonly JobResult[];
  /** Jobs of the workload that can never start on this machine, with the plan's own words. */
  readonly never: readonly { readonly id: string; readonly reason: string; readonly message: string }[];
  readonly series: readonly SeriesPoint[];
  /** Broken invariants in words; empty in a sound run. */
  readonly broken: readonly string[];
  /** Wall time of the planner's calls, milliseconds; not part of what a seed reproduces. */
  readonly planMillis: { readonly count: number; readonly p50: number; readonly p99: number; readonly max: number };
};
