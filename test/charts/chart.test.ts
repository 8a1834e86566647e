import type { V1Deployment, V1NetworkPolicy, V1PodDisruptionBudget, V1Service } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { OPERATOR } from '../../charts/operator.ts';
import { definition } from '../../crds/definition.ts';
import { KINDS } from '../../crds/index.ts';
import { readConfig } from '../../operator/config.ts';
import { DEFAULT_POLICY } from '../../operator/core/plan/policy.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { CHART, findHelm, helm, type Rendered, render } from './helm.ts';

const program = (await findHelm()) ?? '';
if (!program) console.log('skipped: no Helm; `npm run cluster -- up` builds one');

const names = (objects: Rendered[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();

/** The types of the objects that are looked into. */
type Kinds = {
  Deployment: V1Deployment;
  NetworkPolicy: V1NetworkPolicy;
  PodDisruptionBudget: V1PodDisruptionBudget;
  Service: V1Service;
  ServiceMonitor: Rendered;
  CustomResourceDefinition: Rendered;
};
const find = <K extends keyof Kinds>(objects: Rendered[], kind: K) =>
  objects.find((object) => object.kind === kind) as Kinds[K];

function podOf(objects: Rendered[]) {
  const pod = find(objects, 'Deployment').spec?.template.spec;
  const [container] = pod?.containers ?? [];
  if (!pod || !container) throw new Error('no pod');
  return { pod, container, env: Object.fromEntries((container.env ?? []).map(({ name, ...rest }) => [name, rest])) };
}

/** What no default can know. */
const REQUIRED = { COXSWAIN_NAMESPACE: 'COXSWAIN_NAMESPACE', COXSWAIN_HOLDER: '$(COXSWAIN_POD)' };

describe.skipIf(!program)('the chart', () => {
  it('passes helm lint --strict', async () => {
    const { code, stdout, stderr } = await helm(program, ['lint', CHART, '--strict'], {});
    expect(stdout + stderr).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(code).toBe(0);
  });

  describe('with its defaults', async () => {
    const objects = program ? await render(program) : [];

    it('is these objects', () => {
      expect(names(objects)).toEqual([
        'ClusterRole/cx-coxswain',
        'ClusterRole/cx-coxswain-editor',
        'ClusterRole/cx-coxswain-queue-admin',
        'ClusterRole/cx-coxswain-viewer',
        'ClusterRoleBinding/cx-coxswain',
        ...KINDS.map(({ plural }) => `CustomResourceDefinition/${plural}.coxswain.dev`).sort(),
        'Deployment/cx-coxswain',
        'NetworkPolicy/cx-coxswain',
        'PodDisruptionBudget/cx-coxswain',
        'Role/cx-coxswain',
        'RoleBinding/cx-coxswain',
        'Service/cx-coxswain-metrics',
        'ServiceAccount/cx-coxswain',
      ]);
    });

    it('labels every object', () => {
      for (const { metadata } of objects) {
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/name': 'coxswain',
          'app.kubernetes.io/instance': 'cx',
          'app.kubernetes.io/managed-by': 'Helm',
          'helm.sh/chart': `coxswain-${packageJson.version}`,
        });
      }
    });

    it('carries the CRDs as the code defines them, and keeps them', () => {
      for (const kind of KINDS) {
        const crd = objects.find(({ metadata }) => metadata.name === `${kind.plural}.coxswain.dev`);
        expect(crd?.['spec']).toEqual(definition(kind).spec);
        expect(crd?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
      }
    });

    it('runs two replicas, as PodSecurity restricted wants them', () => {
      const { pod, container } = podOf(objects);
      expect(find(objects, 'Deployment').spec?.replicas).toBe(2);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext?.runAsUser).toBeGreaterThan(10_000);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod.volumes).toEqual([
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
        { name: 'history', emptyDir: { sizeLimit: '2Gi' } },
      ]);
      expect(container.volumeMounts).toContainEqual({ name: 'history', mountPath: '/var/lib/coxswain' });
      expect(container.resources?.limits?.['memory']).toBe('512Mi');
      expect(pod.topologySpreadConstraints?.[0]).toMatchObject({ whenUnsatisfiable: 'ScheduleAnyway' });
    });

    it('is probed on ports that it names and opens to', () => {
      const { container } = podOf(objects);
      expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'health' });
      expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'health' });
      const open = container.ports?.map(({ containerPort }) => containerPort);
      const policy = find(objects, 'NetworkPolicy');
      expect(policy.spec?.ingress?.[0]?.ports?.map(({ port }) => port)).toEqual(open);
      const service = find(objects, 'Service');
      expect(container.ports?.some(({ name }) => name === service.spec?.ports?.[0]?.targetPort)).toBe(true);
    });

    it('tells the operator everything by environment, as strings', () => {
      const { container, env } = podOf(objects);
      expect(container.image).toBe(`localhost/coxswain/operator:${packageJson.version}`);
      expect(env).toEqual({
        COXSWAIN_NAMESPACE: { valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        COXSWAIN_POD: { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        COXSWAIN_HOLDER: { value: '$(COXSWAIN_POD)' },
        COXSWAIN_LAUNCHER_IMAGE: { value: `localhost/coxswain/launch:${packageJson.version}` },
        COXSWAIN_LEASE_SECONDS: { value: '15' },
        COXSWAIN_LEASE_RENEW_SECONDS: { value: '10' },
        COXSWAIN_LEASE_RETRY_SECONDS: { value: '2' },
        COXSWAIN_METRICS_PORT: { value: '8080' },
        COXSWAIN_HEALTH_PORT: { value: '8081' },
        COXSWAIN_LOG_LEVEL: { value: 'info' },
        COXSWAIN_QPS: { value: '1000' },
        COXSWAIN_BURST: { value: '1000' },
        COXSWAIN_BARRIER_SECONDS: { value: '60' },
        COXSWAIN_UNSCHEDULED_SECONDS: { value: '60' },
        COXSWAIN_READY_SECONDS: { value: '300' },
        COXSWAIN_AVOID_SECONDS: { value: String(OPERATOR.bounds.avoidSeconds) },
        COXSWAIN_LOST_NODE_SECONDS: { value: '20' },
        COXSWAIN_POD_GROUPS: { value: 'auto' },
        COXSWAIN_POLICY: { value: expect.any(String) as string },
        COXSWAIN_DEBUG: { value: 'false' },
        COXSWAIN_PROMETHEUS_URL: { value: '' },
        COXSWAIN_PREDICTOR_BACKEND: { value: 'auto' },
        COXSWAIN_HISTORY: { value: '/var/lib/coxswain/history.db' },
        COXSWAIN_DEFAULTS: { value: 'true' },
        NODE_OPTIONS: { value: '--max-old-space-size=384' },
      });
    });

    it('is configured in words that the operator understands', () => {
      const { env } = podOf(objects);
      const values = Object.entries(env).map(([name, entry]) => [name, (entry as { value?: string }).value ?? name]);
      const config = readConfig(Object.fromEntries(values));
      // Where runs are kept depends on the volume, which only the chart knows.
      const told = { COXSWAIN_LAUNCHER_IMAGE: config.launcherImage, COXSWAIN_HISTORY: config.history };
      expect(config).toEqual(readConfig({ ...REQUIRED, ...told }));
      expect(config.launcherImage).toContain('launch');
    });

    it('selects its own pods with every selector', () => {
      const deployment = find(objects, 'Deployment');
      const selector = { 'app.kubernetes.io/name': 'coxswain', 'app.kubernetes.io/instance': 'cx' };
      expect(deployment.spec?.template.metadata?.labels).toMatchObject(selector);
      expect(deployment.spec?.selector.matchLabels).toEqual(selector);
      expect(find(objects, 'PodDisruptionBudget').spec?.selector?.matchLabels).toEqual(selector);
      expect(find(objects, 'NetworkPolicy').spec?.podSelector?.matchLabels).toEqual(selector);
      expect(find(objects, 'Service').spec?.selector).toEqual(selector);
    });
  });

  it('leaves out what is turned off', async () => {
    const objects = await render(program, {
      crds: { enabled: false },
      serviceAccount: { create: false, name: 'mine' },
      rbac: { create: false, userRoles: false },
      podDisruptionBudget: { enabled: false },
      metrics: { enabled: false, serviceMonitor: { enabled: true } },
      networkPolicy: { enabled: false },
    });
    expect(names(objects)).toEqual(['Deployment/cx-coxswain']);
    expect(podOf(objects).pod.serviceAccountName).toBe('mine');
  });

  it('keeps runs where it is told: in a claim, in memory, or in a database that the operator may then reach', async () => {
    const claim = await render(program, {
      history: { at: '/data/runs.db', volume: { persistentVolumeClaim: { claimName: 'runs' } } },
    });
    const kept = podOf(claim);
    expect(kept.pod.volumes).toContainEqual({ name: 'history', persistentVolumeClaim: { claimName: 'runs' } });
    expect(kept.container.volumeMounts).toContainEqual({ name: 'history', mountPath: '/data' });
    const memory = podOf(await render(program, { history: { at: ':memory:' } }));
    expect(memory.container.volumeMounts).toContainEqual({ name: 'history', mountPath: '/var/lib/coxswain' });
    const shared = await render(program, { history: { postgres: { secret: 'runs', port: 6432 } } });
    expect(podOf(shared).env['COXSWAIN_HISTORY']).toEqual({
      valueFrom: { secretKeyRef: { name: 'runs', key: 'url' } },
    });
    const egress = (objects: Rendered[]) => JSON.stringify(find(objects, 'NetworkPolicy'));
    expect(egress(shared)).toContain('6432');
    expect(egress(claim)).not.toContain('5432');
  });

  it('asks the Prometheus that it is told of, and may then reach it', async () => {
    const egress = (objects: Rendered[]) => JSON.stringify(find(objects, 'NetworkPolicy').spec?.egress);
    const url = 'http://prometheus.monitoring';
    const told = await render(program, { prometheus: { url, port: 9091 } });
    expect(podOf(told).env['COXSWAIN_PROMETHEUS_URL']).toEqual({ value: url });
    expect(egress(told)).toContain('9091');
    const untold = await render(program, {});
    expect(podOf(untold).env['COXSWAIN_PROMETHEUS_URL']).toEqual({ value: '' });
    expect(egress(untold)).not.toContain('9090');
  });

  it('takes everything that may be set', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const objects = await render(program, {
      fullnameOverride: 'boat',
      replicaCount: 1,
      image: { repository: 'registry.example/operator', digest },
      launcher: { image: { repository: 'registry.example/launch', tag: '1e3' } },
      imagePullSecrets: [{ name: 'pull' }],
      leaderElection: { leaseSeconds: 3, renewSeconds: 2, retrySeconds: 0.5, holder: 'one' },
      api: { qps: 100_000 },
      crds: { keep: false },
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 2 }],
      podLabels: { team: 'hpc', 'app.kubernetes.io/name': 'not mine' },
      extraEnv: [
        { name: 'A', value: '{{ 1 }}' },
        { name: 'B', value: '2' },
      ],
      extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' } }],
      metrics: { serviceMonitor: { enabled: true, labels: { release: 'prom' } }, podMonitor: { enabled: true } },
      networkPolicy: { apiServerPorts: [16_443] },
      policy: {
        score: { name: 'powers', width: 0.46, run: 1.08, ageing: 1.17, horizon: 400_000 },
        reservations: 'all',
        holdBack: { share: 0.04, exemptWait: 'never' },
        unlimited: 10_000_000,
      },
      global: { anything: true },
    });
    const { pod, container, env } = podOf(objects);
    expect(container.image).toBe(`registry.example/operator@${digest}`);
    expect(env).toMatchObject({
      COXSWAIN_LAUNCHER_IMAGE: { value: 'registry.example/launch:1e3' },
      COXSWAIN_HOLDER: { value: 'one' },
      COXSWAIN_LEASE_SECONDS: { value: '3' },
      COXSWAIN_LEASE_RETRY_SECONDS: { value: '0.5' },
      COXSWAIN_QPS: { value: '100000' },
      A: { value: '{{ 1 }}' },
      B: { value: '2' },
    });
    const { policy } = readConfig({
      ...REQUIRED,
      COXSWAIN_LAUNCHER_IMAGE: 'launch',
      COXSWAIN_POLICY: (env['COXSWAIN_POLICY'] as { value: string }).value,
    });
    expect(policy).toEqual({
      ...DEFAULT_POLICY,
      score: { name: 'powers', width: 0.46, run: 1.08, limit: 0, z: 0, ageing: 1.17, horizon: 400_000 },
      reservations: Number.POSITIVE_INFINITY,
      holdBack: { share: 0.04, longerThan: 5100, exemptShare: 0.67, exemptWait: Number.POSITIVE_INFINITY },
      unlimited: 10_000_000,
    });
    expect(pod).toMatchObject({
      imagePullSecrets: [{ name: 'pull' }],
      tolerations: [{ operator: 'Exists' }],
      topologySpreadConstraints: [{ maxSkew: 2 }],
    });
    const labels = find(objects, 'Deployment').spec?.template.metadata?.labels;
    expect(labels).toMatchObject({ team: 'hpc', 'app.kubernetes.io/name': 'coxswain' });
    expect(names(objects)).toEqual(
      expect.arrayContaining(['ConfigMap/extra', 'PodMonitor/boat', 'ServiceMonitor/boat', 'Service/boat-metrics']),
    );
    expect(find(objects, 'ServiceMonitor').metadata.labels).toMatchObject({ release: 'prom' });
    expect(find(objects, 'CustomResourceDefinition').metadata.annotations).toEqual({});
    const ports = find(objects, 'NetworkPolicy').spec?.egress?.flatMap((rule) => rule.ports ?? []);
    expect(ports?.map(({ port }) => port)).toEqual([53, 53, 16_443, 7117]);
  });

  it.each<[string, object, string]>([
    ['an unknown value', { replicas: 3 }, "additional properties 'replicas' not allowed"],
    ['an unknown value inside', { image: { name: 'x' } }, "additional properties 'name' not allowed"],
    ['no replica', { replicaCount: 0 }, '/replicaCount'],
    ['a wrong type', { logLevel: 3 }, '/logLevel'],
    ['an unknown level', { logLevel: 'loud' }, '/logLevel'],
    ['an unknown score', { policy: { score: { name: 'random' } } }, '/policy/score'],
    ['reservations that are none', { policy: { reservations: 'some' } }, '/policy/reservations'],
    ['a share above all', { policy: { holdBack: { share: 2 } } }, '/policy/holdBack/share'],
    ['a digest that is none', { image: { digest: 'latest' } }, '/image/digest'],
    ['a label that is no string', { podLabels: { a: 1 } }, '/podLabels/a'],
    ['a Prometheus with a password', { prometheus: { url: 'http://me:secret@prometheus' } }, '/prometheus/url'],
    ['a port that is none', { networkPolicy: { apiServerPorts: [0] } }, '/networkPolicy/apiServerPorts/0'],
  ])('refuses %s', async (_, values, message) => {
    const { code, stderr } = await helm(program, ['template', 'cx', CHART], values);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
