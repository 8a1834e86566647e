import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bed, root } from '../support/bed.ts';
import { endFakes, inState, podsOf, submitFake, submitHeat } from '../support/jobs.ts';

let bed: Bed;
let namespace: string;

beforeAll(async () => {
  bed = await Bed.make({ images: ['heat'] });
  await bed.lead();
});

afterAll(async () => {
  await bed?.close();
});

afterEach(async () => {
  expect(await bed.violations()).toEqual([]);
});

describe('a gang', () => {
  it('runs on fake nodes, ends verified and gives its quota back', async () => {
    namespace = await bed.namespace();
    const job = await submitFake(bed, namespace, 'fake');
    await inState(bed, job, 'Running');
    // Member 0 of a fake gang is ready before it has heard of the other.
    const nodes = () => podsOf(bed, job).map(({ spec }) => spec?.nodeName);
    await bed.history.until('both members to be bound', () => nodes().every((node) => node !== undefined));
    expect(nodes()).toEqual(['fake-0000', 'fake-0000']);
    await endFakes(bed, job);
    const status = await inState(bed, job, 'Succeeded');
    expect(status).toMatchObject({ reason: 'ProvenAndVerified', attempts: 1, figureOfMerit: '2.500e+9 cells/s' });
    await bed.settledQuota();
  });

  it.skipIf(!root)('of MPI ranks runs on two real nodes and verifies itself', async () => {
    namespace = await bed.namespace();
    const job = await submitHeat(bed, namespace);
    const status = await inState(bed, job, 'Succeeded');
    expect(status).toMatchObject({ reason: 'ProvenAndVerified', result: { verified: true } });
    expect(new Set(podsOf(bed, job).map(({ spec }) => spec?.nodeName)).size).toBe(2);
  });
});

it('a replica that is stopped before it could list everything ends well', async () => {
  const proxy = await bed.proxy(() => false, {
    before: (_k, { target }) => (target?.plural === 'predictors' ? { status: 503 } : undefined),
  });
  const replica = await bed.start({ holder: 'early', kubeconfig: await bed.credentials(proxy) });
  await replica.logged(({ msg }) => msg === 'the watch failed');
  await replica.signal('SIGTERM');
  expect([replica.exitCode, ...replica.complaints()]).toEqual([0]);
});
