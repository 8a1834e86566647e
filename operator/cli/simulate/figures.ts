/** The figures of a run that a script asks for first, by name; the whole summary is beside them. */
import type { Figures, Summary } from '../../sim/report/schema.ts';

type Named = Readonly<Record<string, number>>;

function ofPopulation(figures: Figures | undefined, suffix: string): Named {
  if (!figures) return {};
  const { wait, bsld, jct } = figures;
  return {
    [`bsld${suffix}`]: bsld.mean,
    [`medianBsld${suffix}`]: bsld.median,
    [`meanWaitSeconds${suffix}`]: wait.mean,
    [`p999WaitSeconds${suffix}`]: wait.p999,
    [`maxWaitSeconds${suffix}`]: wait.max,
    [`meanCompletionSeconds${suffix}`]: jct.mean,
  };
}

/** All of a run that is one number; those without a unit in their name are ratios or counts. */
export function figuresOf(summary: Summary): Named {
  const { jobs, never, broken, offeredLoad, utilisation, makespan, starts, eta, lives } = summary;
  return {
    jobs,
    neverStarted: never.jobs,
    brokenInvariants: broken.length,
    ...ofPopulation(summary.all, ''),
    ...ofPopulation(summary.last80, 'Last80'),
    ...(offeredLoad !== undefined && { offeredLoad }),
    ...(utilisation !== undefined && { utilisation }),
    ...(makespan !== undefined && { makespanSeconds: makespan }),
    backfilled: starts.backfill,
    ...(lives && { failed: lives.failed, retried: lives.retried, lostUnitSeconds: lives.lost }),
    ...(eta?.all && { etaInside: eta.all.inside, etaMedianErrorSeconds: eta.all.medianError }),
  };
}
