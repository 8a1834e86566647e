import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definition } from '../../crds/definition.ts';
import { KINDS } from '../../crds/index.ts';
import { SimulationJobKind, TrainingJobKind } from '../../crds/job.ts';
import { GROUP, type Kind } from '../../crds/kind.ts';
import { validate } from '../../crds/validate.ts';
import { type Cluster, down, up } from '../cluster/api.ts';
import { attempt, type Output } from '../cluster/sh.ts';
import { ACCEPTED, JOB, manifest, REFUSALS } from '../crds/cases.ts';
import { AFTER, BEFORE } from '../crds/changes.ts';

// A control plane of its own: on the shared cluster the CRDs belong to the chart's release.
const NAME = 'crds';
let cluster: Cluster;

/** kubectl, whatever its exit status, with `object` on its input. */
async function kubectl(args: readonly string[], object?: object): Promise<Output> {
  const options = object ? { env: cluster.env, input: JSON.stringify(object) } : { env: cluster.env };
  return await attempt(cluster.programs.kubectl, args, options);
}
async function must(args: readonly string[], object?: object): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, object);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}
/** What the API server says against it. */
async function refusal(args: readonly string[], object?: object): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, object);
  if (code === 0) throw new Error(`${args.join(' ')} was let through: ${stdout}`);
  return stderr;
}
const patch = (kind: Kind, name: string, body: object, ...more: string[]) => [
  'patch',
  kind.plural,
  name,
  '--type=merge',
  `--patch=${JSON.stringify(body)}`,
  ...more,
];

beforeAll(async () => {
  cluster = await up({ name: NAME, real: 0, fake: 0 });
  for (const kind of KINDS) await must(['apply', '--filename=-'], definition(kind));
  const names = KINDS.map(({ plural }) => `crd/${plural}.${GROUP}`);
  await must(['wait', '--for=condition=Established', '--timeout=60s', ...names]);
});
afterAll(async () => {
  await down(NAME);
});

describe('the API server', () => {
  it('explains every field', async () => {
    const explained = await must(['explain', 'simulationjob.spec.resources']);
    expect(explained).toContain('What each member needs');
    const all = await must(['explain', 'trainingjob', '--recursive']);
    for (const field of Object.keys(TrainingJobKind.spec.shape)) expect(all).toContain(field);
  });

  it.each(ACCEPTED.map((a) => [JSON.stringify(a.object), a] as const))(
    'fills in our defaults: %s',
    async (_, { kind, object }) => {
      const stored: unknown = JSON.parse(
        await must(['create', '--dry-run=server', '--validate=strict', '--output=json', '--filename=-'], object),
      );
      const judged = validate(kind, object);
      expect(judged.ok && stored).toMatchObject({ spec: judged.ok && judged.value.spec });
      expect(Object.keys((stored as { spec: object }).spec).sort()).toEqual(
        judged.ok ? Object.keys(judged.value.spec as object).sort() : [],
      );
    },
  );

  it.each(REFUSALS.map((r) => [r.name, r] as const))('refuses %s', async (_, { kind, object, api }) => {
    expect(validate(kind, object).ok).toBe(false);
    expect(await refusal(['create', '--dry-run=server', '--validate=strict', '--filename=-'], object)).toContain(api);
  });

  it('lists jobs by category, short name, column and field', async () => {
    await must(['create', '--filename=-'], manifest(SimulationJobKind, JOB, 'listed'));
    await must(
      patch(SimulationJobKind, 'listed', { status: { state: 'Queued', position: 3 } }, '--subresource=status'),
    );
    const [head, row] = (await must(['get', 'sim'])).split('\n');
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
    expect(await must(['get', 'coxswain'])).toContain('simulationjob.coxswain.dev/listed');
    expect(await must(['get', 'sim', '--field-selector=spec.queue=default,status.state=Queued'])).toContain('listed');
    expect((await kubectl(['get', 'sim', '--field-selector=spec.queue=other'])).stdout).toBe('');
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
      await must(['create', '--filename=-'], manifest(kind, only(BEFORE), 'full'));
      const said = await refusal(patch(kind, 'full', { spec: only(AFTER) }));
      for (const field of frozen) expect(said).toContain(`spec.${field}: Invalid value`);
      for (const field of frozen)
        expect(said).toContain(`${field} cannot change after creation; delete the ${kind.kind}`);
    });

    it('neither loses fields nor gains them', async () => {
      const optional = frozen.filter((field) => !Object.hasOwn(DEFAULTED, field) && !Object.hasOwn(JOB, field));
      const removed = Object.fromEntries(optional.map((field) => [field, null]));
      const lost = await refusal(patch(kind, 'full', { spec: removed }));
      await must(['create', '--filename=-'], manifest(kind, JOB, 'bare'));
      const gained = await refusal(patch(kind, 'bare', { spec: only(BEFORE) }));
      expect(optional.length).toBeGreaterThan(20);
      for (const field of optional) {
        expect(lost).toContain(`${field} cannot be added or removed after creation`);
        expect(gained).toContain(`${field} cannot be added or removed after creation`);
      }
    });

    it('lets suspend change at any time, queue and priority only while it holds no room', async () => {
      await must(['create', '--filename=-'], manifest(kind, JOB, 'moving'));
      const enter = async (state: string) => must(patch(kind, 'moving', { status: { state } }, '--subresource=status'));
      const change = (spec: object) => patch(kind, 'moving', { spec });
      let turn = 0;
      for (const state of [undefined, 'Queued', 'Suspended']) {
        if (state) await enter(state);
        turn += 1;
        await must(change({ queue: `queue-${turn}`, priority: turn, suspend: turn % 2 === 0 }));
      }
      for (const state of ['Admitted', 'Starting', 'Running', 'Stopping', 'Restarting', 'Succeeded', 'Failed']) {
        await enter(state);
        const message = 'queue and priority may change only while the job is Queued or Suspended';
        expect(await refusal(change({ queue: 'elsewhere' }))).toContain(message);
        expect(await refusal(change({ priority: 99 }))).toContain(message);
        turn += 1;
        await must(change({ suspend: turn % 2 === 0 }));
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
