/** What predictors know of a job: what was asked when it was submitted, and how its runs went. Seconds since the epoch, SI units. */

/** One accelerator as numbers, so that an unseen one can be compared with those known. */
export type Accelerator = {
  readonly name: string;
  /** Largest power it may draw, W; peak arithmetic rate, FLOP/s; memory bandwidth, bytes/s. Absent where nobody said. */
  readonly watts?: number;
  readonly flops?: number;
  readonly bandwidth?: number;
};

/** All that is known of a job when it is submitted; nothing here is learned later. */
export type Asked = {
  readonly uid: string;
  readonly kind: string;
  /** The namespace, or `spec.user`. Absent where the source does not say: then nobody's history counts for the job. */
  readonly user?: string;
  readonly queue: string;
  readonly submittedAt: number;
  /** Walltime, seconds; absent: none. */
  readonly limit?: number;
  /** Whether a run is ended at its limit: only then is a prediction cut to it. */
  readonly limitEnforced: boolean;
  readonly image?: string;
  /** Command and arguments, word by word. */
  readonly command: readonly string[];
  /** Pool it asks for, where it names only one. */
  readonly pool?: string;
  readonly accelerator?: Accelerator;
  readonly nodes: number;
  /** Ranks of all nodes, and accelerators of all nodes. */
  readonly ranks: number;
  readonly gpus: number;
  /** CPUs and bytes of memory of all nodes. */
  readonly cpus: number;
  readonly memory: number;
  /** Declared sizes and kinds of the work: `flops`, `bytes`, `messages`, `batch`, `steps`, `model` … */
  readonly declared: Readonly<Record<string, number | string>>;
};

/** Quantiles of the run time in seconds, never falling, and z = E[10 / max(run, 10)]. */
export type Quantiles = {
  readonly q10: number;
  readonly q50: number;
  readonly q75: number;
  readonly q90: number;
  readonly q95: number;
  readonly z: number;
};

/**
 * Where joules come from: the program's own counter, the cluster's metrics, another system's accounting (imported), or
 * our estimate, from which nothing is learned.
 */
export type JoulesSource = 'result' | 'prometheus' | 'accounting' | 'estimate';

/** How an attempt ended. Only `succeeded` and `failed` are lengths that the program chose. */
export type Outcome = 'succeeded' | 'failed' | 'timeLimit' | 'infrastructure' | 'stopped';

/** One run that is over. */
export type Run = Asked & {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** The run was cut off: it would have lasted at least so long. */
  readonly censored: boolean;
  /** What was chosen for it. `cap`: power limit of each accelerator, W. */
  readonly chosen: { readonly pool: string; readonly nodes: number; readonly cap?: number };
  readonly predicted?: Quantiles & { readonly by: string; readonly joules?: number };
  readonly joules?: number;
  readonly joulesSource?: JoulesSource;
  /** Mean power of each accelerator while it computed, W. */
  readonly watts?: number;
  /** Figure of merit, and its unit. */
  readonly merit?: { readonly value: number; readonly unit: string };
};
