/** A workload out of nothing but a specification and its seed: where no trace fits, or none is at hand. */
import type { Workload, WorkloadJob, WorkloadPart } from '../workload.ts';
import { arrivals } from './arrivals.ts';
import { normal } from './distributions.ts';
import { type Draft, draftJobs } from './draft.ts';
import { fitLoad } from './fit.ts';
import { userLimit } from './limits.ts';
import { randomStream } from './random.ts';
import { parseSpec, type SyntheticSpec } from './spec.ts';

/** Gives jobs of equal shape the same parts: most of a million jobs share a few hundred. */
function partsMaker({ mpi, accelerators }: Draft): (i: number) => readonly WorkloadPart[] {
  const known = new Map<string, readonly WorkloadPart[]>();
  return (i) => {
    const [processors = 0, devices = 0] = [mpi[i], accelerators[i]];
    const key = `${processors} ${devices}`;
    let parts = known.get(key);
    if (!parts) {
      parts = [
        ...(processors > 0 ? [{ ranks: processors, accelerators: 0 }] : []),
        ...(devices > 0 ? [{ ranks: devices, accelerators: 1 }] : []),
      ];
      known.set(key, parts);
    }
    return parts;
  };
}

/**
 * A workload by specification, e.g. `jobs=10000,processors=256,load=0.8,seed=1,gpu=0.5,coupled=0.02` (SPEC_KEYS lists
 * all keys): arrivals with a daily cycle, log-normal run times by program, widths by class, limits and predictions.
 * The same specification always gives the same jobs. Throws a TraceError that names the key at fault.
 */
export function synthesize(spec: string | Partial<SyntheticSpec>): Workload {
  const complete = parseSpec(spec);
  const { seed, cycle, inflation, longest, noise, processors, accelerators } = complete;
  const draft = draftJobs(complete);
  const { meant, run, span, adjusted } = fitLoad(draft, complete);
  const submit = arrivals(randomStream(seed, 'arrivals'), complete.jobs, span, cycle);
  const [limits, predictions] = [randomStream(seed, 'limits'), randomStream(seed, 'predictions')];
  const partsOf = partsMaker(draft);
  const jobs = draft.programs.map(({ user, name }, i): WorkloadJob => {
    const expected = meant[i] as number;
    return {
      id: String(i + 1),
      submit: submit[i] as number,
      run: run[i] as number,
      parts: partsOf(i),
      // Neither users nor predictors foresee a crash.
      limit: userLimit(limits, expected, inflation, longest),
      prediction: Math.max(1, Math.round(expected * Math.exp(noise * normal(predictions)))),
      user,
      program: name,
    };
  });
  return {
    jobs,
    format: 'synthetic',
    records: jobs.length,
    dropped: [],
    adjusted,
    processors,
    ...(accelerators > 0 && { accelerators }),
  };
}
