/** Scores by which gangs of equal priority are ordered, lowest first. Ties go by submission, then by UID. */

/** What a score may look at. Times in seconds. */
export type Scored = {
  /** Planning estimate of the run time; a bad prediction may be below 1, or even negative. */
  readonly run: number;
  /** Walltime, or `run` where there is none. */
  readonly limit: number;
  /** Accelerators, or processors where it asks for none. */
  readonly width: number;
  /** On the trace's or the cluster's clock. */
  readonly submitted: number;
  /** E[10 / max(run, 10)]. */
  readonly z: number;
};

/**
 * A product of powers: width^width · run^run · limit^limit / (z^z · (1 + wait / horizon)^ageing). Aged area is width 1,
 * run 1, ageing 2, horizon 6 to 24 h. `horizon` in seconds; an exponent of 0 leaves its factor out.
 */
type Powers = {
  readonly name: 'powers';
  readonly width: number;
  readonly run: number;
  readonly limit: number;
  readonly z: number;
  readonly ageing: number;
  readonly horizon: number;
};

export const NAMED_SCORES = [
  'fcfs',
  'sjf',
  'saf',
  'smallest',
  'lxf',
  'wfp3',
  'unicep',
  'f1',
  'f2',
  'f3',
  'f4',
] as const;

export type Score = { readonly name: (typeof NAMED_SCORES)[number] } | Powers;

/** Whether the score of a gang changes while it waits. */
export function movesWithTime(score: Score): boolean {
  return score.name === 'powers' ? score.ageing !== 0 : ['lxf', 'wfp3', 'unicep'].includes(score.name);
}

/**
 * Score of a gang at `now`. F1 to F4: Carastan-Santos and de Camargo, "Obtaining dynamic scheduling policies with
 * simulation and machine learning", SC'17 (they hold on a trace's own seconds, not on those since 1970). WFP3 and
 * UNICEP: Tang et al., "Fault-aware, utility-based job scheduling on Blue Gene/P systems", Cluster'09; log2(n + 1),
 * since n = 1 would divide by zero. LXF: largest expansion factor, over runs of at least 10 s.
 */
export function scoreOf(score: Score, gang: Scored, now: number): number {
  const { width, submitted } = gang;
  const run = Math.max(1, gang.run);
  const wait = Math.max(0, now - submitted);
  switch (score.name) {
    case 'fcfs':
      return submitted;
    // A prediction counts here as it is, as QSSF was published (Hu et al., SC'21).
    case 'sjf':
      return gang.run;
    case 'saf':
      return gang.run * width;
    case 'smallest':
      return width;
    case 'lxf':
      return -(wait + run) / Math.max(run, 10);
    case 'wfp3':
      return -((wait / run) ** 3) * width;
    case 'unicep':
      return -wait / (Math.log2(width + 1) * run);
    case 'f1':
      return Math.log10(run) * width + 870 * Math.log10(submitted);
    case 'f2':
      return Math.sqrt(run) * width + 25_600 * Math.log10(submitted);
    case 'f3':
      return run * width + 6_860_000 * Math.log10(submitted);
    case 'f4':
      return run * Math.sqrt(width) + 530_000 * Math.log10(submitted);
    case 'powers':
      return powers(score, gang, wait);
    default:
      return score satisfies never;
  }
}

function powers(score: Powers, { run, limit, width, z }: Scored, wait: number): number {
  const size = width ** score.width * Math.max(1, run) ** score.run * limit ** score.limit;
  return size / (z ** score.z * (1 + wait / score.horizon) ** score.ageing);
}
