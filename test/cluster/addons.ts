import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentKubeconfig } from './control-plane.ts';
import { type Addresses, bridgeFilters } from './network.ts';
import { realNodeName } from './real-nodes.ts';
import type { Rest } from './rest.ts';
import type { Site } from './state.ts';

const VOLUMES = 10;

/** Starts name service and kube-proxy: what pods on real nodes expect of a cluster. */
export async function startAddons(site: Site, net: Addresses, rest: Rest): Promise<void> {
  await Promise.all([startDns(site, net, rest), startProxy(site)]);
}

async function startProxy(site: Site): Promise<void> {
  const { identity, processes, programs } = site;
  const config = join(identity.folder, 'kube-proxy.json');
  await writeFile(
    config,
    JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      clientConnection: { kubeconfig: await componentKubeconfig(site, 'proxy') },
      hostnameOverride: realNodeName(0),
      healthzBindAddress: '127.0.0.1:10256',
      metricsBindAddress: '127.0.0.1:10249',
      // The limit is the host's and not ours to set.
      conntrack: { maxPerCore: 0 },
      // Where bridged answers bypass netfilter they must come back by way of the node.
      nftables: { masqueradeAll: !(await bridgeFilters()) },
    }),
  );
  await processes.ensure({ name: 'kube-proxy', argv: [programs['kube-proxy'], `--config=${config}`] });
}

async function startDns(site: Site, net: Addresses, rest: Rest): Promise<void> {
  const { identity, processes, programs } = site;
  const kubeconfig = await componentKubeconfig(site, 'coredns');
  const corefile = join(identity.folder, 'Corefile');
  // As kubeadm ships it: names of the cluster are not cached, neither found nor missing. No forwarding: the namespace
  // has no way out, and refusing at once beats a timeout.
  await writeFile(
    corefile,
    `.:53 {
  bind ${net.gateway}
  errors
  health 127.0.0.1:8080
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig}
    ttl 5
  }
  cache 30 {
    disable success cluster.local
    disable denial cluster.local
  }
}
`,
  );
  const role = 'system:coredns';
  await rest.apply(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${role}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: role },
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await rest.apply(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${role}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: role },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: role }],
  });
  await processes.ensure({ name: 'coredns', argv: [programs.coredns, '-conf', corefile] });
  await publishDns(net, rest);
}

/** The Service that every cluster has, leading to CoreDNS on the bridge. */
async function publishDns(net: Addresses, rest: Rest): Promise<void> {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, protocol, port: 53 }));
  await rest.apply('/api/v1/namespaces/kube-system/services/kube-dns', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system' },
    spec: { clusterIP: net.dns, ports },
  });
  await rest.apply('/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [net.gateway], conditions: { ready: true } }],
    ports,
  });
}

interface Volume {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string };
}

/** Folder behind the static volume `shared-<index>`. */
export function volumeFolder(stateFolder: string, index: number): string {
  return join(stateFolder, 'volumes', `shared-${index}`);
}

/**
 * Offers the static ReadWriteMany volumes of the class `shared`. They work on all real nodes because these share the
 * host's file system. Volumes whose claim is gone are emptied and offered again.
 */
export async function offerVolumes(site: Site, rest: Rest): Promise<void> {
  await rest.apply('/apis/storage.k8s.io/v1/storageclasses/shared', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'shared' },
    provisioner: 'kubernetes.io/no-provisioner',
  });
  const { items } = await rest.get<{ items: Volume[] }>('/api/v1/persistentvolumes');
  const phases = new Map(items.map((volume) => [volume.metadata.name, volume.status?.phase]));
  await Promise.all(
    Array.from({ length: VOLUMES }, async (_, index) => {
      const name = `shared-${index}`;
      const path = volumeFolder(site.identity.folder, index);
      await mkdir(path, { recursive: true });
      // Pods have random users.
      await chmod(path, 0o777);
      if (phases.get(name) === 'Released') await empty(path);
      if (phases.has(name) && phases.get(name) !== 'Released') return;
      if (phases.has(name)) await unclaim(rest, name);
      else await rest.apply(`/api/v1/persistentvolumes/${name}`, volume(name, path));
    }),
  );
}

function volume(name: string, path: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: 'shared',
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path, type: 'Directory' },
    },
  };
}

async function unclaim(rest: Rest, name: string): Promise<void> {
  const path = `/api/v1/persistentvolumes/${name}`;
  const answer = await rest.call('PATCH', path, { spec: { claimRef: null } }, 'application/merge-patch+json');
  if (answer.status >= 300) throw new Error(`cannot free volume ${name}: ${answer.status} ${answer.body}`);
}

async function empty(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true, force: true });
}
