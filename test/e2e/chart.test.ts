/** The product as a user gets it: the chart installed by Helm from the built images, jobs applied by kubectl. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { kernelNames } from '../../kernels/build.ts';
import { Bed, root } from '../support/bed.ts';
import { SYSTEM } from '../support/chart.ts';
import { inState, type JobRef, podsOf } from '../support/jobs.ts';
import type { Thing } from '../support/kubeApi.ts';
import { pathOf } from '../support/paths.ts';

if (!root) console.log('skipped without root: the chart on real nodes');

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** All jobs of examples/ but those for GPUs, by name. */
const JOBS = readdirSync(EXAMPLES).flatMap((file) => {
  if (!file.endsWith('.yaml')) return [];
  const kind = /^kind: (SimulationJob|TrainingJob)$/m.exec(readFileSync(join(EXAMPLES, file), 'utf8'))?.[1];
  return kind === undefined ? [] : [{ kind: kind as JobRef['kind'], name: file.replace('.yaml', '') }];
});

describe.skipIf(!root)('the operator as its chart installs it', () => {
  let bed: Bed;
  let namespace: string;

  beforeAll(async () => {
    bed = await Bed.make({ installed: true, images: ['operator', 'heat', 'kernels', 'surrogate'] });
    namespace = await bed.namespace();
    await bed.cluster.recycleVolumes();
  });

  afterAll(async () => {
    await bed?.close();
  });

  afterEach(async () => {
    expect(await bed.violations()).toEqual([]);
  });

  /** Applies an example as it stands, only into the namespace and queue of this test. */
  async function apply(file: string): Promise<void> {
    await bed.cluster.kubectl(['apply', `--namespace=${namespace}`, `--filename=${join(EXAMPLES, file)}`]);
  }

  it('has a leader and a standby, both in a namespace that enforces `restricted`', async () => {
    type Operator = Thing & { status?: { conditions?: { type: string; status: string }[] } };
    const ready = async (): Promise<string[]> => {
      const pods = await bed.api.list<Operator>(
        `${pathOf('Pod', SYSTEM)}?labelSelector=app.kubernetes.io/name%3Dcoxswain`,
      );
      const isReady = ({ status }: Operator): boolean =>
        status?.conditions?.some(({ type, status: truth }) => type === 'Ready' && truth === 'True') ?? false;
      return pods.filter(isReady).map(({ metadata }) => metadata.name);
    };
    await expect.poll(async () => (await ready()).length, { timeout: 60_000 }).toBe(2);
    const leader = async (): Promise<string | undefined> =>
      (await bed.api.get<{ spec: { holderIdentity?: string } }>(pathOf('Lease', SYSTEM, 'coxswain'))).spec
        .holderIdentity;
    await expect.poll(async () => (await ready()).includes((await leader()) ?? ''), { timeout: 30_000 }).toBe(true);
  });

  /** Waits for the verified success of an example that has been applied, over both real nodes. */
  async function proven({ kind, name }: (typeof JOBS)[number]): Promise<void> {
    const job: JobRef = { kind, namespace, name };
    const status = await inState(bed, job, 'Succeeded', 150_000);
    expect(status).toMatchObject({ reason: 'ProvenAndVerified', attempts: 1, result: { verified: true } });
    expect(status.figureOfMerit).toMatch(/\//);
    const used = new Set(podsOf(bed, job).map(({ spec }) => spec?.nodeName));
    expect(used).toEqual(new Set(bed.cluster.nodes));
    const shown = await bed.cluster.kubectl(['get', kind, name, `--namespace=${namespace}`, '--output=wide']);
    expect(shown).toMatch(/Succeeded\s+ProvenAndVerified\s+default\s+2/);
    const described = await bed.cluster.kubectl(['describe', kind, name, `--namespace=${namespace}`]);
    for (const reason of ['Admitted', 'ProvenAndVerified']) expect(described).toContain(reason);
  }

  it('would take the examples for GPUs, of which it has none', async () => {
    const folder = join(EXAMPLES, 'gpu');
    const taken = await bed.cluster.kubectl([
      'apply',
      '--dry-run=server',
      `--namespace=${namespace}`,
      `--filename=${folder}`,
    ]);
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    expect(taken.match(/ created \(server dry run\)/g)).toHaveLength(files.length);
  });

  it('runs all examples to verified success, each over two real nodes', { timeout: 480_000 }, async () => {
    expect(JOBS.map(({ name }) => name)).toEqual(expect.arrayContaining([...kernelNames]));
    await apply('data.yaml');
    // One after another, heat first, whose output surrogate reads: while the real nodes are full, others would get pretend ones,
    // which run no programs.
    for (const job of JOBS.toSorted((a, b) => Number(b.name === 'heat') - Number(a.name === 'heat'))) {
      await apply(`${job.name}.yaml`);
      await proven(job);
    }
    await bed.settledQuota();
  });
});
