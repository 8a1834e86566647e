/**
 * Specs made at random from the schema of a kind: the API server refuses them and names the field, or the operator says in a
 * condition what becomes of them, and then leaves them alone. `COXSWAIN_SEED=N` makes others; with COXSWAIN_FULL=1 there are
 * ten times as many.
 */
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definition } from '../../crds/definition.ts';
import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import type { Kind } from '../../crds/kind.ts';
import { type Activity, activityOf } from '../support/activity.ts';
import { Bed } from '../support/bed.ts';
import { Keeper } from '../support/faultKeeper.ts';
import { FULL, SEED } from '../support/faultSeed.ts';
import { type Generated, specsOf } from '../support/faultSpecs.ts';
import type { WatchedThing } from '../support/history.ts';
import { pathOf } from '../support/paths.ts';

const COUNT = FULL ? 1_000 : 100;
/** Jobs that are there at the same time. */
const BATCH = 50;
/** Every so many-th batch is looked at for so many milliseconds once each of its jobs has a condition. */
const WATCHED_EVERY = 5;
const WATCHED = FULL ? 20_000 : 5_000;
/** The most that a job may write and tell on its way through queue, start, refusal and end … */
const MOST = { writes: 30, events: 20 };
/** … and, for each attempt that it begins and once besides, while it is looked at and nothing is done to it. */
const MOST_LEFT_ALONE = { writes: 5, events: 4 };
/** Of all specs, at least this share is to be refused, and this share accepted: else chance tries only one of them. */
const SHARE = 0.1;

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

/** Whether the refusal names one of the fields in which the spec is unusual, by its path. */
function namesField(message: string, fields: readonly string[]): boolean {
  return new RegExp(`\\bspec\\.(${fields.join('|')})\\b`).test(message);
}

type Counted = readonly [job: string, seen: Activity];

/** What is said of jobs that wrote or told more than `most`. */
const busy = (jobs: Iterable<Counted>, most: (seen: Activity) => typeof MOST): string[] =>
  [...jobs].flatMap(([job, seen]) => {
    const { writes, events } = most(seen);
    return seen.writes > writes || seen.events > events ? [`${job}: ${JSON.stringify(seen)}`] : [];
  });

/** Jobs that are busy in a time in which nothing is done to them. */
async function restless(): Promise<string[]> {
  const before = await activityOf(bed, namespace);
  await delay(WATCHED);
  const change = [...(await activityOf(bed, namespace))].map(([job, now]): Counted => {
    const { writes = 0, events = 0, attempts = 0 } = before.get(job) ?? {};
    return [job, { writes: now.writes - writes, events: now.events - events, attempts: now.attempts - attempts }];
  });
  const { writes, events } = MOST_LEFT_ALONE;
  const found = busy(change, ({ attempts }) => ({ writes: writes * (1 + attempts), events: events * (1 + attempts) }));
  return found.map((each) => `within ${WATCHED / 1000} s, ${each}`);
}

type Tried = { readonly wrong: readonly string[]; readonly accepted: number };

async function runBatch(kind: Kind, batch: readonly Generated[], first: number): Promise<Tried> {
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
  if ((first / BATCH) % WATCHED_EVERY === 0) wrong.push(...(await restless()));
  await bed.deleteJobs();
  return { wrong, accepted: accepted.length };
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
      const tried: Tried[] = [];
      for (let first = 0; first < specs.length; first += BATCH) {
        tried.push(await runBatch(kind, specs.slice(first, first + BATCH), first));
      }
      expect(tried.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(busy(await activityOf(bed, namespace), () => MOST)).toEqual([]);
      const accepted = tried.reduce((sum, each) => sum + each.accepted, 0) / COUNT;
      expect(accepted).toBeGreaterThan(SHARE);
      expect(accepted).toBeLessThan(1 - SHARE);
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
