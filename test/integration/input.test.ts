/**
 * Specs made at random from the schema of a kind: the API server refuses them and names the field, or the operator says in a
 * condition what becomes of them. `COXSWAIN_SEED=N` makes others; with COXSWAIN_FULL=1 there are ten times as many.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definition } from '../../crds/definition.ts';
import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import type { Kind } from '../../crds/kind.ts';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import { FULL, SEED } from '../support/faultSeed.ts';
import { type Generated, specsOf } from '../support/faultSpecs.ts';
import type { WatchedThing } from '../support/history.ts';
import type { Thing } from '../support/kubeApi.ts';
import { pathOf } from '../support/paths.ts';

const COUNT = FULL ? 1_000 : 100;
/** Jobs that are there at the same time. */
const BATCH = 50;
/** The most that a job may write and tell on its way through queue, start, refusal and end. */
const MOST_WRITES = 30;
const MOST_EVENTS = 20;

let bed: Bed;
let keeper: Keeper;
let namespace: string;
let base: Record<string, unknown>;

beforeAll(async () => {
  bed = await Bed.make();
  keeper = await Keeper.lead(bed, {});
  namespace = await bed.namespace();
  // Sixteen pods at once: what is to be seen is how gangs are judged, not how many fit.
  const queue = await bed.ownQueue({ pools: [{ pool: bed.pools.fake, quota: { pods: 16 } }] });
  const program = { image: 'localhost/fake:none', command: ['program'], grace: '1s', resources: { cpu: '10m' } };
  base = { ...program, queue, pools: [bed.pools.fake] };
});

afterAll(async () => {
  await keeper?.stop('SIGTERM');
  await bed?.close();
});

/** Creates a job; answers what the API server says against it. */
async function create({ kind }: Kind, name: string, spec: object): Promise<string | undefined> {
  const path = pathOf(kind as 'SimulationJob' | 'TrainingJob', namespace);
  const job = { apiVersion: 'coxswain.dev/v1alpha1', kind, metadata: { name }, spec };
  return await bed.api.create(path, job).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** Whether the refusal names one of the fields in which the spec is unusual. */
function namesField(message: string, fields: readonly string[]): boolean {
  return fields.some((field) => message.includes(field));
}

async function runBatch(kind: Kind, batch: readonly Generated[], first: number): Promise<string[]> {
  const wrong: string[] = [];
  const accepted: string[] = [];
  for (const [index, { spec, fields }] of batch.entries()) {
    const name = `job-${first + index}`;
    const refusal = await create(kind, name, spec);
    if (refusal === undefined) accepted.push(name);
    else if (!namesField(refusal, fields)) wrong.push(`${fields.join()}: refused with ${refusal.slice(0, 300)}`);
  }
  const jobs = (): Map<string, WatchedThing> =>
    new Map(bed.history.now(kind.kind as 'SimulationJob', namespace).map((job) => [job.metadata.name, job]));
  const silent = (): string[] => accepted.filter((name) => (jobs().get(name)?.status?.conditions ?? []).length === 0);
  await bed.history
    .until('every job to have a condition', () => silent().length === 0)
    .catch(() => wrong.push(...silent().map((name) => `${name}: no condition: ${JSON.stringify(jobs().get(name))}`)));
  await bed.deleteJobs();
  return wrong;
}

/** Writes to each job's status, and events about each job, beyond what a life explains. */
async function busyJobs(): Promise<string[]> {
  const found: string[] = [];
  const writes = Map.groupBy(await bed.audit.writes(), (write) => /jobs\/([^/?]+)\/status/.exec(write)?.[1] ?? '');
  for (const [name, { length }] of writes)
    if (name !== '' && length > MOST_WRITES) found.push(`${name}: ${length} writes`);
  type Event = Thing & { regarding?: { uid?: string; name?: string; apiVersion?: string } };
  const events = await bed.api.list<Event>(pathOf('Event', namespace));
  const ours = events.filter(({ regarding }) => regarding?.apiVersion?.startsWith('coxswain.dev/'));
  for (const [uid, { length }] of Map.groupBy(ours, ({ regarding }) => regarding?.uid)) {
    if (length > MOST_EVENTS) found.push(`${uid}: ${length} events`);
  }
  return found;
}

describe(`random specs, seed ${SEED}`, () => {
  it.each<[string, Kind]>([
    ['SimulationJob', SimulationJobKind],
    ['TrainingJob', TrainingJobKind],
  ])(
    'of a %s are refused by field, or end in a condition',
    { timeout: FULL ? 1_800_000 : 300_000 },
    async (_name, kind) => {
      const schema = definition(kind).spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'] ?? {};
      const specs = fc.sample(specsOf(schema, base), { numRuns: COUNT, seed: SEED });
      const wrong: string[] = [];
      for (let first = 0; first < specs.length; first += BATCH) {
        wrong.push(...(await runBatch(kind, specs.slice(first, first + BATCH), first)));
      }
      expect(wrong).toEqual([]);
      expect(await busyJobs()).toEqual([]);
      expect(await bed.violations()).toEqual([]);
      expect(keeper.ends).toEqual([]);
    },
  );

  it('leave nothing that is written again and again', async () => {
    await bed.quiet(5);
    expect(await bed.violations()).toEqual([]);
    expect(keeper.ends).toEqual([]);
  });
});
