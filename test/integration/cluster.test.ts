import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, up } from '../cluster/api.ts';
import { until } from '../cluster/sh.ts';
import { PROBE_IMAGE, packProbe } from './probeImage.ts';

const root = process.getuid?.() === 0;
if (!root && process.env['CI'] === 'true') throw new Error('real nodes need root');
if (!root) console.log('skipped without root: the tests of real nodes');

const namespace = `cluster-${randomBytes(4).toString('hex')}`;
const seccomp = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const locked = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

/** A web server on one node, as restricted as PodSecurity wants it, that writes its name to the shared volume. */
function server(node: string): object {
  const script = `echo ${node} > /shared/${node}; echo ${node} > /tmp/index.html; exec httpd -f -p 8080 -h /tmp`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: node, namespace, labels: { app: 'server' } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      terminationGracePeriodSeconds: 0,
      securityContext: seccomp,
      containers: [
        {
          name: 'server',
          image: PROBE_IMAGE,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', script],
          resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '500m', memory: '32Mi' } },
          securityContext: locked,
          volumeMounts: [
            { name: 'shared', mountPath: '/shared' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'shared', persistentVolumeClaim: { claimName: 'shared' } },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
}

const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'shared', namespace },
  spec: { storageClassName: 'shared', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
};
const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'server', namespace },
  spec: { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
};

describe.skipIf(!root)('a cluster that runs', () => {
  let cluster: Cluster;
  let folder = '';
  const [left, right] = ['real-0', 'real-1'];
  const get = async (...args: string[]): Promise<string> =>
    await cluster.kubectl(['get', '--namespace', namespace, ...args]);
  const inside = async (pod: string, ...command: string[]): Promise<string> =>
    await cluster.kubectl(['exec', '--namespace', namespace, pod, '--', ...command]);
  const address = async (pod: string): Promise<string> => await get('pod', pod, '--output=jsonpath={.status.podIP}');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coxswain-probe-'));
    cluster = await up({ real: 2 });
    await cluster.importImage(await packProbe(folder));
    // The namespace's default ServiceAccount appears a moment after it, and pods are refused until then.
    await cluster.kubectl(['create', '--filename=-'], { input: JSON.stringify(NAMESPACE) });
    const account = ['wait', '--namespace', namespace, '--for=create', 'serviceaccount/default', '--timeout=30s'];
    await cluster.kubectl(account);
    const items = [CLAIM, SERVICE, server(left), server(right)];
    const list = { apiVersion: 'v1', kind: 'List', items };
    await cluster.kubectl(['create', '--filename=-'], { input: JSON.stringify(list) });
    const ready = ['wait', '--namespace', namespace, '--for=condition=Ready', 'pod', '--all', '--timeout=60s'];
    await cluster.kubectl(ready);
  });

  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
    await rm(folder, { recursive: true, force: true });
  });

  it('is left as it is by another up', async () => {
    const names = await cluster.processes();
    const before = await Promise.all(names.map(async (name) => await cluster.pid(name)));
    const again = await up({ real: 2 });
    expect(await again.processes()).toEqual(names);
    expect(await Promise.all(names.map(async (name) => await again.pid(name)))).toEqual(before);
    expect(before).not.toContain(undefined);
  });

  it('has two ready nodes with labels for topology', async () => {
    const { items } = JSON.parse(await cluster.kubectl(['get', 'nodes', left, right, '--output=json'])) as {
      items: {
        metadata: { labels: Record<string, string> };
        status: { conditions: { type: string; status: string }[] };
      }[];
    };
    expect(items).toHaveLength(2);
    for (const { metadata, status } of items) {
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
      expect(metadata.labels).toHaveProperty(['topology.kubernetes.io/zone']);
      expect(metadata.labels).toHaveProperty(['topology.coxswain.dev/rack']);
    }
  });

  it('refuses in a restricted namespace what is not restricted', async () => {
    const bare = ['run', 'bare', '--namespace', namespace, `--image=${PROBE_IMAGE}`];
    await expect(cluster.kubectl(bare)).rejects.toThrow(/violates PodSecurity "restricted/);
  });

  it('resolves the API by name, from each node', async () => {
    for (const pod of [left, right]) {
      const said = await inside(pod, 'nslookup', 'kubernetes.default.svc.cluster.local');
      expect(said).toContain(cluster.net?.firstService);
    }
  });

  it('carries traffic between pods of two nodes, to Services, and from the host', async () => {
    expect(await inside(left, 'wget', '-qO-', `http://${await address(right)}:8080/`)).toBe(`${right}\n`);
    // Enough calls that one at least goes to the pod itself and one to the other node, whatever the balance.
    for (let call = 0; call < 8; call += 1) {
      const answer = await inside(left, 'wget', '-qO-', 'http://server/');
      expect([`${left}\n`, `${right}\n`]).toContain(answer);
    }
    const fromHost = await fetch(`http://${await address(right)}:8080/`);
    expect(await fromHost.text()).toBe(`${right}\n`);
  });

  it('shares one volume between the nodes, and offers it again', async () => {
    expect(await inside(left, 'cat', `/shared/${right}`)).toBe(`${right}\n`);
    expect(await inside(right, 'cat', `/shared/${left}`)).toBe(`${left}\n`);
    const volume = await get('pvc', 'shared', '--output=jsonpath={.spec.volumeName}');
    const file = join(cluster.volumeFolder(Number(volume.split('-')[1])), left);
    expect(await readFile(file, 'utf8')).toBe(`${left}\n`);
    await cluster.kubectl(['delete', '--namespace', namespace, 'pod,pvc', '--all']);
    const phase = async (): Promise<string> =>
      await cluster.kubectl(['get', 'pv', volume, '--output=jsonpath={.status.phase}']);
    await until('the volume to be released', 30_000, async () => (await phase()) === 'Released', 200);
    await cluster.recycleVolumes();
    await until('the volume to be on offer', 30_000, async () => (await phase()) === 'Available', 200);
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  });

  it('speaks as a ServiceAccount, and the audit log says who wrote what', async () => {
    const account = `writer-${randomBytes(3).toString('hex')}`;
    await cluster.kubectl(['create', 'serviceaccount', account, '--namespace', namespace]);
    const path = await cluster.serviceAccountKubeconfig(join(folder, 'kubeconfig'), namespace, account);
    const env = { ...process.env, KUBECONFIG: path };
    const user = `system:serviceaccount:${namespace}:${account}`;
    expect(await cluster.kubectl(['auth', 'whoami'], { env })).toContain(user);
    const create = ['create', 'configmap', 'proof', '--namespace', namespace];
    await expect(cluster.kubectl(create, { env })).rejects.toThrow(/forbidden/i);
    const entry = await until('the audit log to tell', 10_000, async () => {
      const lines = (await readFile(cluster.auditLog, 'utf8')).split('\n');
      return lines.find(
        (line) => line.includes(user) && line.includes('"verb":"create"') && line.includes('configmaps'),
      );
    });
    expect(JSON.parse(entry)).toMatchObject({ level: 'Metadata', responseStatus: { code: 403 } });
  });
});
