import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { definition } from '../../crds/definition.ts';
import { KINDS } from '../../crds/index.ts';
import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import { GROUP, type Kind } from '../../crds/kind.ts';
import { validate } from '../../crds/validate.ts';
import { type Cluster, up } from '../cluster/api.ts';
import { ACCEPTED, JOB, manifest, REFUSALS } from '../crds/cases.ts';
import { AFTER, BEFORE } from '../crds/changes.ts';
import { applySurroundings } from '../support/chart.ts';
import { KubeApi, type Thing } from '../support/kubeApi.ts';
import { type KindName, pathOf } from '../support/paths.ts';
import { MARK, sweep, unique } from '../support/prepare.ts';

/** No operator runs meanwhile: what is written of a job's status stays. */
let cluster: Cluster;
let api: KubeApi;
const namespace = unique('crds');

/** What kubectl prints, asked by a user of this namespace. */
const kubectl = async (...args: string[]): Promise<string> =>
  await cluster.kubectl([...args, `--namespace=${namespace}`]);

/** Path of a kind's objects, or of one of them. */
const pathFor = ({ kind, scope }: Kind, name?: string): string =>
  pathOf(kind as KindName, scope === 'Namespaced' ? namespace : undefined, name);

type Made = { metadata: object };
const create = async (kind: Kind, object: object, query = ''): Promise<Thing & { spec: object }> => {
  const { metadata } = object as Made;
  const placed = kind.scope === 'Namespaced' ? { ...metadata, namespace } : metadata;
  return await api.create(`${pathFor(kind)}${query}`, { ...object, metadata: placed });
};
const dryRun = async (kind: Kind, object: object) => await create(kind, object, '?dryRun=All&fieldValidation=Strict');

const patch = async (kind: Kind, name: string, change: object): Promise<Thing> =>
  await api.patch(pathFor(kind, name), change);
const enter = async (kind: Kind, name: string, status: object): Promise<Thing> =>
  await api.patch(`${pathFor(kind, name)}/status`, { status });

/** What the API server says against a call. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const [answer] = await Promise.allSettled([call]);
  if (answer.status === 'fulfilled') throw new Error(`let through: ${JSON.stringify(answer.value)}`);
  return String(answer.reason);
}

beforeAll(async () => {
  cluster = await up();
  await applySurroundings(cluster);
  api = await KubeApi.from(cluster.kubeconfig);
  const metadata = { name: namespace, labels: { [MARK]: 'true' } };
  await api.create(pathOf('Namespace'), { apiVersion: 'v1', kind: 'Namespace', metadata });
});
afterEach(() => {
  expect(api.warnings).toEqual([]);
});
afterAll(async () => {
  await sweep(api);
  api.close();
});

describe('the API server', () => {
  it.each(KINDS.map((kind) => [kind.kind, kind] as const))('has nothing to remark on the kind %s', async (_, kind) => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind.plural}.${GROUP}`;
    await api.apply(path, definition(kind), 'crds', true);
  });

  it('explains every field', async () => {
    const explained = await kubectl('explain', 'simulationjob.spec.resources');
    expect(explained).toContain('What each member needs');
    const all = await kubectl('explain', 'trainingjob', '--recursive');
    for (const field of Object.keys(TrainingJobKind.spec.shape)) expect(all).toContain(field);
  });

  it.each(ACCEPTED.map((a) => [JSON.stringify(a.object), a] as const))(
    'fills in our defaults: %s',
    async (_, { kind, object }) => {
      const stored = await dryRun(kind, object);
      const judged = validate(kind, object);
      expect(judged.ok && stored).toMatchObject({ spec: judged.ok && judged.value.spec });
      expect(Object.keys(stored.spec).sort()).toEqual(judged.ok ? Object.keys(judged.value.spec as object).sort() : []);
    },
  );

  it.each(REFUSALS.map((r) => [r.name, r] as const))('refuses %s', async (_, { kind, object, api: said }) => {
    expect(validate(kind, object).ok).toBe(false);
    expect(await refusal(dryRun(kind, object))).toContain(said);
  });

  it('lists jobs by category, short name, column and field', async () => {
    await create(SimulationJobKind, manifest(SimulationJobKind, JOB, 'listed'));
    await enter(SimulationJobKind, 'listed', { state: 'Queued', position: 3 });
    const [head, row] = (await kubectl('get', 'sim')).split('\n');
    expect(head?.split(/\s+/)).toEqual([
      'NAME',
      'STATE',
      'REASON',
      'QUEUE',
      'NODES',
      'POSITION',
      'ETA',
      'RESULT',
      'AGE',
    ]);
    expect(row).toMatch(/^listed +Queued +default +1 +3 /);
    expect(await kubectl('get', 'coxswain')).toContain('simulationjob.coxswain.dev/listed');
    expect(await kubectl('get', 'sim', '--field-selector=spec.queue=default,status.state=Queued')).toContain('listed');
    expect(await kubectl('get', 'sim', '--field-selector=spec.queue=other')).toBe('');
  });
});

describe.each([SimulationJobKind, TrainingJobKind].map((kind): [string, Kind] => [kind.kind, kind]))(
  'a %s',
  (_, kind) => {
    const fields = Object.keys(
      definition(kind).spec.versions[0].schema.openAPIV3Schema.properties?.['spec']?.properties ?? {},
    );
    const only = (spec: object) => Object.fromEntries(Object.entries(spec).filter(([field]) => fields.includes(field)));

    // The MPI family has one choice so far: what cannot be another value cannot change.
    const frozen = fields.filter((field) => !['suspend', 'queue', 'priority', 'mpi'].includes(field));

    it('keeps every field as it was created', async () => {
      await create(kind, manifest(kind, only(BEFORE), 'full'));
      const said = await refusal(patch(kind, 'full', { spec: only(AFTER) }));
      for (const field of frozen) expect(said).toContain(`spec.${field}: Invalid value`);
      for (const field of frozen)
        expect(said).toContain(`${field} cannot change after creation; delete the ${kind.kind}`);
    });

    it('neither loses fields nor gains them', async () => {
      const optional = frozen.filter((field) => !Object.hasOwn(DEFAULTED, field) && !Object.hasOwn(JOB, field));
      const removed = Object.fromEntries(optional.map((field) => [field, null]));
      const lost = await refusal(patch(kind, 'full', { spec: removed }));
      await create(kind, manifest(kind, JOB, 'bare'));
      const gained = await refusal(patch(kind, 'bare', { spec: only(BEFORE) }));
      expect(optional.length).toBeGreaterThan(20);
      for (const field of optional) {
        expect(lost).toContain(`${field} cannot be added or removed after creation`);
        expect(gained).toContain(`${field} cannot be added or removed after creation`);
      }
    });

    it('lets suspend change at any time, queue and priority only while it holds no room', async () => {
      await create(kind, manifest(kind, JOB, 'moving'));
      const change = async (spec: object) => await patch(kind, 'moving', { spec });
      let turn = 0;
      for (const state of [undefined, 'Queued', 'Suspended']) {
        if (state) await enter(kind, 'moving', { state });
        turn += 1;
        await change({ queue: `queue-${turn}`, priority: turn, suspend: turn % 2 === 0 });
      }
      for (const state of ['Admitted', 'Starting', 'Running', 'Stopping', 'Restarting', 'Succeeded', 'Failed']) {
        await enter(kind, 'moving', { state });
        const message = 'queue and priority may change only while the job is Queued or Suspended';
        expect(await refusal(change({ queue: 'elsewhere' }))).toContain(message);
        expect(await refusal(change({ priority: 99 }))).toContain(message);
        turn += 1;
        await change({ suspend: turn % 2 === 0 });
      }
    });
  },
);

/** Fields that the API server fills in, so that they can never be absent. */
const DEFAULTED = Object.fromEntries(
  [SimulationJobKind, TrainingJobKind].flatMap((kind) => {
    const judged = validate(kind, manifest(kind, JOB));
    return judged.ok ? Object.entries(judged.value.spec) : [];
  }),
);
