import { join } from 'node:path';
import { componentKubeconfig, type Heartbeats } from './control-plane.ts';
import type { Rest } from './rest.ts';
import type { Site } from './state.ts';

/** Nodes of one rack, of one block, of one zone: the shape of a common GPU cluster. */
const RACK = 8;
const BLOCK = 64;
const ZONE = 1024;
/** Requests under way at once while nodes are made or removed. */
const AT_ONCE = 24;

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

function fakeNodeName(index: number): string {
  return `fake-${String(index).padStart(4, '0')}`;
}

/** Makes kwok run, which plays kubelet for the fake nodes. It keeps to the nodes that carry its annotation. */
export async function startKwok(site: Site, rest: Rest, beats: Heartbeats): Promise<void> {
  const { processes, programs } = site;
  const spec = {
    name: 'kwok',
    argv: [
      programs.kwok,
      `--kubeconfig=${await componentKubeconfig(site, 'kwok')}`,
      `--config=${join(import.meta.dirname, 'stages.yaml')}`,
      '--manage-all-nodes=false',
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      `--node-lease-duration-seconds=${beats.fakeLease}`,
      // Fake pods have addresses that no real pod has, and nothing answers there.
      '--cidr=100.64.0.0/10',
      '--node-ip=192.0.2.1',
    ],
  };
  if (await processes.runs(spec)) return;
  await processes.kill(spec.name);
  await dropLeases(rest);
  await processes.start(spec);
}

// Each kwok signs the nodes' leases with a name of its own, and would wait for those of the one before it to run out.
async function dropLeases(rest: Rest): Promise<void> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const { items } = await rest.get<Listed>(path);
  const names = items.map((item) => item.metadata.name).filter((name) => /^fake-\d+$/.test(name));
  await inParallel(names, async (name) => await rest.remove(`${path}/${name}`));
}

/** Makes the fake nodes be exactly the first `count`. */
export async function setFakeNodes(site: Site, rest: Rest, count: number): Promise<void> {
  const { items } = await rest.get<Listed>('/api/v1/nodes?labelSelector=type%3Dkwok');
  const present = new Set(items.map((item) => item.metadata.name));
  const wanted = new Set(Array.from({ length: count }, (_, index) => fakeNodeName(index)));
  const missing = [...wanted].filter((name) => !present.has(name));
  const surplus = [...present].filter((name) => !wanted.has(name));
  await inParallel(missing, async (name) => await rest.create('/api/v1/nodes', node(name)));
  await inParallel(surplus, async (name) => await rest.remove(`/api/v1/nodes/${name}`));
  if (count === 0) return;
  const limit = 60_000 + count * 200;
  await site.processes.waitFor(
    'kwok',
    `${count} fake nodes to be ready`,
    limit,
    async () => await allReady(rest, wanted),
  );
}

async function allReady(rest: Rest, wanted: ReadonlySet<string>): Promise<boolean> {
  interface Nodes {
    readonly items: readonly {
      readonly metadata: { readonly name: string };
      readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
    }[];
  }
  const { items } = await rest.get<Nodes>('/api/v1/nodes?labelSelector=type%3Dkwok');
  const ready = items.filter((item) => item.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
  return ready.filter((item) => wanted.has(item.metadata.name)).length === wanted.size;
}

function node(name: string): object {
  const index = Number(name.slice('fake-'.length));
  const resources = {
    cpu: '64',
    memory: '512Gi',
    'ephemeral-storage': '1Ti',
    pods: '250',
    'nvidia.com/gpu': '8',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        type: 'kwok',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': 'fake-8gpu',
        'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3',
        'nvidia.com/gpu.memory': '81559',
        'topology.kubernetes.io/zone': `zone-${Math.floor(index / ZONE)}`,
        'topology.coxswain.dev/block': `block-${Math.floor(index / BLOCK)}`,
        'topology.coxswain.dev/rack': `rack-fake-${Math.floor(index / RACK)}`,
      },
    },
    spec: { taints: [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity: resources, allocatable: resources },
  };
}

async function inParallel(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  const queue = [...names];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) await work(name);
    }),
  );
}
