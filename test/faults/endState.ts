import type { Bed } from '../support/bed.ts';
import type { JobRef } from '../support/jobs.ts';
import { jobNow } from '../support/jobs.ts';
import { pathOf } from '../support/paths.ts';

/** Times and what is counted in them: they differ between two runs that are otherwise the same. */
const TIMES = /At$|Seconds$|^at$|^lastTransitionTime$/;

const JOB = 'coxswain.dev/job';

/**
 * What stands in the cluster after a job's end, without times and generated names: equal runs leave equal ends. Of a job
 * that is gone, whatever still bears its name.
 */
export async function endState(bed: Bed, ref: JobRef): Promise<unknown> {
  const job = jobNow(bed, ref);
  const pods = bed.history
    .now('Pod', ref.namespace)
    .filter(({ metadata }) => metadata.labels?.[JOB] === ref.name)
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      labels: { ...metadata.labels, 'coxswain.dev/job-uid': 'UID' },
      node: spec?.nodeName,
      phase: status?.phase,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const dependents = await Promise.all(
    (['Secret', 'Service', 'NetworkPolicy'] as const).map(async (kind) => {
      const all = await bed.api.list(pathOf(kind, ref.namespace));
      return [
        kind,
        all.filter(({ metadata }) => metadata.labels?.[JOB] === ref.name).map((each) => each.metadata.name),
      ];
    }),
  );
  const found = { status: job?.status, finalizers: job?.metadata.finalizers, pods, dependents };
  const text = JSON.stringify(found, (key, value: unknown) => {
    if (TIMES.test(key)) return undefined;
    // What is predicted follows what has ended before: only that something was can be the same.
    return key === 'prediction' ? 'told' : value;
  });
  // The five characters that name an attempt hash the job's UID.
  return JSON.parse(text.replaceAll(new RegExp(`${ref.name}(-[a-z0-9]{5})?(?![a-z0-9])`, 'g'), 'JOB'));
}
