import { expect } from 'vitest';
import type { Bed } from './bed.ts';
import { FULL } from './faultSeed.ts';
import { change, endFakes, inState, type JobRef, jobNow, outcome, submitFake, withReason } from './jobs.ts';

const FAILED = { exit: 7, message: outcome({ outcome: 'failed', cause: 'ProgramFailed', code: 7, result: null }) };
const STOPPED = { exit: 143, message: outcome({ outcome: 'stopped', cause: 'Stopped', code: 143, result: null }) };

type Reach = (bed: Bed, job: JobRef) => Promise<unknown>;

const running: Reach = async (bed, job) => await inState(bed, job, 'Running');

const ended =
  (state: string, how?: object): Reach =>
  async (bed, job) => {
    await running(bed, job);
    await endFakes(bed, job, how);
    await inState(bed, job, state);
  };

const suspended: Reach = async (bed, job) => {
  await running(bed, job);
  await change(bed, job, { suspend: true });
  await inState(bed, job, 'Stopping');
  await endFakes(bed, job, STOPPED);
  await inState(bed, job, 'Suspended');
};

const queued =
  (reason: string): Reach =>
  async (bed, job) =>
    await withReason(bed, job, reason);

/**
 * I7, with something to be patient with: of each state that lasts there is a job, and the operator writes nothing more.
 * Deletes them then, and every other job of the bed. An operator must lead.
 */
export async function standStill(bed: Bed): Promise<void> {
  const namespace = await bed.namespace();
  const queue = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: { cpu: 2 } }] });
  const led = async (name: string, reach: Reach, spec: object = {}): Promise<JobRef> => {
    const job = await submitFake(bed, namespace, name, spec);
    await reach(bed, job);
    return job;
  };
  const jobs = await Promise.all([
    // As long as this one has the whole quota, the next one waits, with a start that is planned for when it ends.
    led('running', running, { queue, time: '1h' }),
    led('succeeded', ended('Succeeded')),
    led('failed', ended('Failed', FAILED)),
    led('suspended', suspended),
    led('hopeless', queued('ExceedsPool'), { nodes: 5, resources: { cpu: 60 } }),
  ]);
  jobs.push(await led('waiting', queued('WaitingForQuota'), { queue, time: '1h' }));
  await bed.quiet(FULL ? 60 : 3, FULL ? 180 : 60);
  const states = jobs.map((job) => jobNow(bed, job)?.status?.state);
  expect(states).toEqual(['Running', 'Succeeded', 'Failed', 'Suspended', 'Queued', 'Queued']);
  await bed.deleteJobs();
}
