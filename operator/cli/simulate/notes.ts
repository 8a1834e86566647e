/** What a reader must know of the run times that the planner was told. */
import type { Estimates } from '../../sim/estimates.ts';
import { plural } from '../../sim/report/text.ts';
import type { Workload } from '../../sim/workload.ts';

/** Where a workload lacks what the estimates ask for, what stood in for it. */
export function notesOf({ jobs }: Pick<Workload, 'jobs'>, estimates: Estimates): readonly string[] {
  if (estimates === 'oracle' || estimates === 'learned') return [];
  const count = (test: (job: Workload['jobs'][number]) => boolean) => {
    let found = 0;
    for (const job of jobs) if (test(job)) found += 1;
    return found;
  };
  const told = (what: string, number: number, instead: string) =>
    number === 0 ? [] : [`${plural(number, 'job')} ${number === 1 ? 'has' : 'have'} ${what}: ${instead}`];
  const truth = 'the true run time stood in, as if it were known';
  const unlimited = (job: Workload['jobs'][number]) => job.limit === undefined;
  if (estimates === 'user') return told('no walltime', count(unlimited), truth);
  if (estimates === 'last2') {
    return [
      ...told(
        'no user',
        count(({ user, limit }) => user === undefined && limit !== undefined),
        'the walltime stood in',
      ),
      ...told('no walltime', count(unlimited), `until two runs of the same user had ended, ${truth}`),
    ];
  }
  const unpredicted = (job: Workload['jobs'][number]) => job.prediction === undefined;
  return [
    ...told(
      'no prediction',
      count((job) => unpredicted(job) && !unlimited(job)),
      'the walltime stood in',
    ),
    ...told(
      'neither prediction nor walltime',
      count((job) => unpredicted(job) && unlimited(job)),
      truth,
    ),
  ];
}
