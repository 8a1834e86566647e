import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../crds/index.ts';
import { SimulationJobKind } from '../../crds/job.ts';
import { type Access, CLUSTER_ACCESS, OWN_NAMESPACE_ACCESS } from '../../operator/access.ts';
import { CHART } from '../charts/helm.ts';
import { type Cluster, down, up } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import { JOB, manifest } from '../crds/cases.ts';

// A control plane of its own, without nodes: what is installed here is upgraded, rolled back and removed.
const NAME = 'chart';
const SYSTEM = 'coxswain-system';
const OPERATOR = `system:serviceaccount:${SYSTEM}:coxswain`;
let cluster: Cluster;

const release = ['coxswain', CHART, `--namespace=${SYSTEM}`];
const replicas = () =>
  cluster.kubectl(['get', 'deployment/coxswain', `--namespace=${SYSTEM}`, '--output=jsonpath={.spec.replicas}']);
const job = () => cluster.kubectl(['get', 'simulationjob', 'kept', '--output=jsonpath={.spec.image}']);

/** One question to the API server's authorizer. */
type Question = { user: string; verb: string; group: string; resource: string; namespace?: string; name?: string };

/** Whether each is allowed, in order. One call, since a SubjectAccessReview is an object like any other. */
async function allowed(questions: readonly Question[]): Promise<boolean[]> {
  const items = questions.map(({ user, resource, ...attributes }) => {
    const [plural, subresource] = resource.split('/');
    return {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { ...attributes, resource: plural, ...(subresource && { subresource }) } },
    };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const verdicts = await cluster.kubectl(['create', '--filename=-', '--output=jsonpath={.status.allowed} '], { input });
  const words = verdicts.trim().split(' ');
  expect(words).toHaveLength(questions.length);
  return words.map((verdict) => verdict === 'true');
}

function questionsOf(list: readonly Access[], namespace: string): Question[] {
  return list.flatMap(({ apiGroup: group, resources, verbs, names }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({
        user: OPERATOR,
        verb,
        group,
        resource,
        namespace,
        ...(names?.[0] && { name: names[0] }),
      })),
    ),
  );
}

beforeAll(async () => {
  cluster = await up({ name: NAME, real: 0, fake: 0 });
  await cluster.kubectl(['create', 'namespace', SYSTEM]);
  await cluster.kubectl(['label', 'namespace', SYSTEM, 'pod-security.kubernetes.io/enforce=restricted']);
});
afterAll(async () => {
  await down(NAME);
});

describe('the chart on a real API server', () => {
  it('is valid to the letter', async () => {
    const rendered = await cluster.helm(['template', ...release]);
    const applied = await cluster.kubectl(['apply', '--dry-run=server', '--validate=strict', '--filename=-'], {
      input: rendered,
    });
    expect(applied).toContain('deployment.apps/coxswain created (server dry run)');
    expect(applied).toContain('simulationjobs.coxswain.dev created (server dry run)');
  });

  it('installs, and says what to do next', async () => {
    const notes = await cluster.helm(['install', ...release]);
    expect(notes).toContain('kubectl get queues,computepools');
    expect(await replicas()).toBe('2');
  });

  it('makes pods that a namespace enforcing restricted admits', async () => {
    const pods = [
      'get',
      'pods',
      `--namespace=${SYSTEM}`,
      '--output=name',
      '--selector=app.kubernetes.io/name=coxswain',
    ];
    await until('two pods', 30_000, async () => (await cluster.kubectl(pods)).trim().split('\n').length === 2);
  });

  it('lets the operator do what the code lists', async () => {
    const questions = [...questionsOf(CLUSTER_ACCESS, 'anywhere'), ...questionsOf(OWN_NAMESPACE_ACCESS, SYSTEM)];
    const answers = await allowed(questions);
    expect(questions.filter((_, index) => !answers[index])).toEqual([]);
  });

  it('lets it do nothing else that matters', async () => {
    const core = { user: OPERATOR, group: '', namespace: 'anywhere' };
    const questions: Question[] = [
      { ...core, verb: 'get', resource: 'secrets', name: 'theirs' },
      { ...core, verb: 'list', resource: 'secrets' },
      { ...core, verb: 'get', resource: 'secrets', name: 'coxswain-token-key' },
      { ...core, verb: 'get', resource: 'secrets', name: 'other', namespace: SYSTEM },
      { ...core, verb: 'create', resource: 'pods/exec' },
      { ...core, verb: 'create', resource: 'serviceaccounts/token' },
      { ...core, verb: 'patch', resource: 'nodes' },
      { ...core, verb: 'deletecollection', resource: 'pods' },
      { ...core, verb: 'get', resource: 'leases', group: 'coordination.k8s.io', namespace: SYSTEM, name: 'other' },
      { ...core, verb: 'create', resource: 'clusterroles', group: 'rbac.authorization.k8s.io' },
      { ...core, verb: 'create', resource: 'simulationjobs', group: 'coxswain.dev' },
    ];
    const answers = await allowed(questions);
    expect(questions.filter((_, index) => answers[index])).toEqual([]);
  });

  it('gives people a role each', async () => {
    for (const role of ['coxswain-editor', 'coxswain-queue-admin', 'view']) {
      await cluster.kubectl([
        'create',
        'clusterrolebinding',
        `test-${role}`,
        `--clusterrole=${role}`,
        `--user=${role}`,
      ]);
    }
    const ask = (user: string, verb: string, resource: string) =>
      ({ user, verb, resource, group: 'coxswain.dev', namespace: 'anywhere' }) as const;
    const viewing = ask('view', 'list', 'trainingjobs');
    // The controller manager adds the viewer's rules to `view` in its own time.
    await until('the aggregated role', 30_000, async () => (await allowed([viewing]))[0]);
    const answers = await allowed([
      ask('view', 'create', 'trainingjobs'),
      ask('coxswain-editor', 'create', 'trainingjobs'),
      ask('coxswain-editor', 'create', 'queues'),
      ask('coxswain-editor', 'patch', 'simulationjobs/status'),
      ask('coxswain-queue-admin', 'create', 'queues'),
      ask('coxswain-queue-admin', 'create', 'trainingjobs'),
    ]);
    expect(answers).toEqual([false, true, false, false, true, false]);
  });

  it('is upgraded, rolled back, removed and installed again without losing a job', async () => {
    await cluster.kubectl(['create', '--filename=-'], {
      input: JSON.stringify(manifest(SimulationJobKind, JOB, 'kept')),
    });
    await cluster.helm(['upgrade', ...release, '--set=replicaCount=3']);
    expect(await replicas()).toBe('3');
    await cluster.helm(['rollback', 'coxswain', '1', `--namespace=${SYSTEM}`]);
    expect(await replicas()).toBe('2');
    await cluster.helm(['uninstall', 'coxswain', `--namespace=${SYSTEM}`]);
    await expect(replicas()).rejects.toThrow('not found');
    expect(await job()).toBe(JOB.image);
    await cluster.helm(['install', ...release]);
    expect(await job()).toBe(JOB.image);
  });

  it('takes its kinds and all their objects along where that is asked for', async () => {
    await cluster.helm(['upgrade', ...release, '--set=crds.keep=false']);
    // The upgrade makes the API server open their stores anew; asked to drop a kind meanwhile it tries again ever more seldom.
    const kinds = KINDS.map(({ plural }) => `${plural}.coxswain.dev`).join(',');
    await until('all kinds to be served', 60_000, async () => {
      await cluster.kubectl(['get', kinds, '--all-namespaces']);
      return true;
    });
    await cluster.helm(['uninstall', 'coxswain', `--namespace=${SYSTEM}`]);
    // The API server itself polls every 5 s for up to a minute until it believes that a kind has no objects left; where it
    // does not believe it, it begins anew.
    await until('the end of the CRDs', 240_000, async () => {
      const left = await cluster.kubectl([
        'get',
        'crd',
        '--output=jsonpath={range .items[*]}{.metadata.name} {.status.conditions} {end}',
      ]);
      if (left.includes('coxswain.dev')) throw new Error(left);
      return true;
    });
  }, 300_000);
});
