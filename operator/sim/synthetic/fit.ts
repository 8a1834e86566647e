/** Run times and the span of submissions that together offer the load asked for. */
import type { Dropped } from '../workload.ts';
import type { Draft } from './draft.ts';
import type { Kind } from './population.ts';
import { refuseSpec, type SyntheticSpec } from './spec.ts';
import { stretched, stretchFactor } from './stretch.ts';

export type Fit = {
  /** Whole seconds that each job would run if it did not crash. */
  readonly meant: Float64Array;
  /** Whole seconds that each job runs. */
  readonly run: Float64Array;
  /** Whole seconds from the first submission to the last. */
  readonly span: number;
  readonly adjusted: readonly Dropped[];
};

const kindAt = ({ programs }: Draft, i: number): Kind => programs[i]?.kind ?? 'mpi';

/** Meant and true run times with one factor for each kind of job. */
function runTimes(draft: Draft, factors: Readonly<Record<Kind, number>>, longest: number): Pick<Fit, 'meant' | 'run'> {
  const meant = draft.meant.map((seconds, i) => stretched(seconds, factors[kindAt(draft, i)], longest));
  const run = meant.map((seconds, i) => (draft.crash[i] ? Math.min(seconds, draft.crash[i]) : seconds));
  return { meant, run };
}

/** Work of all jobs on one column of widths, in unit-seconds. */
function workOn(widths: Int32Array, run: Float64Array): number {
  let work = 0;
  for (let i = 0; i < run.length; i++) work += (widths[i] as number) * (run[i] as number);
  return work;
}

/**
 * Factor for the jobs of one kind that brings their pool to its target of work, given what coupled and crashed jobs
 * bring anyway; undefined: no factor can.
 */
function factorFor(
  kind: 'mpi' | 'gpu',
  draft: Draft,
  run: Float64Array,
  target: number,
  longest: number,
): number | undefined {
  const column = kind === 'mpi' ? draft.mpi : draft.accelerators;
  const widths: number[] = [];
  const runs: number[] = [];
  let free = target - workOn(column, run);
  for (let i = 0; i < run.length; i++) {
    if (kindAt(draft, i) !== kind || draft.crash[i]) continue;
    widths.push(column[i] as number);
    runs.push(draft.meant[i] as number);
    free += (column[i] as number) * (run[i] as number);
  }
  return stretchFactor({ widths, runs }, free, longest);
}

/**
 * Fits a draft to `load`. Where the machine has processors and accelerators, the run times of the MPI and of the
 * accelerator jobs are stretched, each by one factor, so that both pools are offered the same load; the span then
 * makes the whole exact. Throws a TraceError where the jobs are too few to offer that load at all.
 */
export function fitLoad(draft: Draft, spec: SyntheticSpec): Fit {
  const { processors, accelerators, load, longest, jobs } = spec;
  const factors = { mpi: 1, gpu: 1, coupled: 1 };
  const adjusted: Dropped[] = [];
  const plain = runTimes(draft, factors, longest);
  const total = (run: Float64Array) => workOn(draft.mpi, run) + workOn(draft.accelerators, run);
  const isDivided = accelerators > 0 && accelerators < processors;
  for (const kind of isDivided ? (['mpi', 'gpu'] as const) : []) {
    const share = (kind === 'gpu' ? accelerators : processors - accelerators) / processors;
    const factor = factorFor(kind, draft, plain.run, total(plain.run) * share, longest);
    if (factor === undefined) {
      const pool = kind === 'gpu' ? 'accelerators' : 'processors';
      const reason = `the load of the ${pool} alone is not the one asked for: coupled jobs decide it`;
      adjusted.push({ reason, count: jobs });
    } else factors[kind] = factor;
  }
  const fitted = isDivided ? runTimes(draft, factors, longest) : plain;
  const span = Math.round(total(fitted.run) / (processors * load));
  if (span < 1) throw refuseSpec('cannot be offered by so few jobs to so large a machine; give more jobs', 'load');
  return { ...fitted, span, adjusted };
}
