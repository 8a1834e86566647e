import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCgroup, removeCgroups } from './cgroups.ts';
import { adminRest, componentKubeconfig } from './control-plane.ts';
import { cacheFolder } from './identity.ts';
import { type Addresses, addNodeAddress, networkProcesses, nodeAddress, podSubnet } from './network.ts';
import { cniConfig, containerdConfig, kubeletConfig, type NodeFacts, PAUSE_IMAGE } from './node-config.ts';
import { packImage, readImage } from './oci.ts';
import { attempt, exists, run, until } from './sh.ts';
import type { Site } from './state.ts';

export function realNodeName(index: number): string {
  return `real-${index}`;
}

function containerd(node: string): string {
  return `containerd-${node}`;
}

function kubelet(node: string): string {
  return `kubelet-${node}`;
}

function socket(site: Site, node: string): string {
  return join(site.identity.sockets, `${node}.sock`);
}

/** Indices of the real nodes on record, running or not. */
export async function recordedNodes(site: Site): Promise<number[]> {
  const names = await site.processes.names();
  return names.flatMap((name) => /^containerd-real-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

/** Writes a node's configuration and starts its containerd, with the image `pause` in it. Needs no API server. */
export async function startContainerd(site: Site, net: Addresses, index: number, pause: string): Promise<void> {
  const node = await configure(site, net, index);
  await site.processes.ensure({
    name: containerd(node.name),
    argv: ['containerd', '--config', join(node.folder, 'containerd.toml')],
  });
  await importImage(site, node.name, pause);
}

/** Starts a node's kubelet, which makes the Node object. Needs the API server. */
export async function startKubelet(site: Site, net: Addresses, index: number): Promise<void> {
  const node = facts(site, net, index);
  const kubeconfig = await componentKubeconfig(site, `node-${node.name}`);
  const labels = {
    'topology.kubernetes.io/zone': 'local',
    'topology.coxswain.dev/rack': `rack-${index}`,
  };
  await site.processes.ensure({
    name: kubelet(node.name),
    argv: [
      site.programs.kubelet,
      `--config=${join(node.folder, 'kubelet.json')}`,
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${node.name}`,
      `--root-dir=${join(node.folder, 'kubelet')}`,
      `--cert-dir=${join(node.folder, 'kubelet', 'pki')}`,
      `--node-ip=${node.address}`,
      `--node-labels=${Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',')}`,
    ],
  });
}

/** Takes a node and everything that runs on it out of the cluster. */
export async function removeRealNode(site: Site, index: number): Promise<void> {
  const { identity, processes } = site;
  const name = realNodeName(index);
  await processes.remove(kubelet(name));
  await processes.remove(containerd(name));
  await removeCgroups((folder) => folder === identity.cgroupPrefix + name);
  for (const pid of await networkProcesses(identity)) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (argv.includes(socket(site, name))) process.kill(pid, 'SIGKILL');
  }
  const rest = await adminRest(site);
  await rest.remove(`/api/v1/nodes/${name}`).finally(() => rest.close());
}

/** Gives one node the image in a tar, unless it has that very image under that name. */
export async function importImage(site: Site, node: string, tarFile: string): Promise<void> {
  const ctr = ['--address', socket(site, node), '--namespace', 'k8s.io', 'images'];
  const { name, digest } = await readImage(tarFile);
  const listed = await until(`${containerd(node)} to answer`, 30_000, async () => {
    const output = await attempt('ctr', [...ctr, 'list', `name==${name}`], { timeout: 10_000 });
    return output.code === 0 ? output.stdout : undefined;
  });
  if (!listed.includes(digest)) await run('ctr', [...ctr, 'import', tarFile]);
}

async function configure(site: Site, net: Addresses, index: number): Promise<NodeFacts> {
  const node = facts(site, net, index);
  await mkdir(join(node.folder, 'cni'), { recursive: true });
  await mkdir(site.identity.sockets, { recursive: true });
  await addNodeAddress(site.identity, net.block, index);
  await createCgroup(node.cgroupRoot.slice(1));
  await site.pki.issue(`serving-${node.name}`, { name: node.name, names: [`IP:${node.address}`, `DNS:${node.name}`] });
  await site.pki.issue(`node-${node.name}`, { name: `system:node:${node.name}`, group: 'system:nodes' });
  await writeFile(join(node.folder, 'containerd.toml'), containerdConfig(node));
  await writeFile(join(node.folder, 'cni', '10-coxswain.conflist'), cniConfig(node));
  await writeFile(join(node.folder, 'kubelet.json'), kubeletConfig(node));
  await writeFile(join(node.folder, 'resolv.conf'), `nameserver ${net.gateway}\n`);
  return node;
}

function facts(site: Site, net: Addresses, index: number): NodeFacts {
  const name = realNodeName(index);
  return {
    name,
    folder: join(site.identity.folder, 'nodes', name),
    socket: socket(site, name),
    address: nodeAddress(net.block, index),
    healthPort: 10300 + index,
    cgroupRoot: `/${site.identity.cgroupPrefix}${name}`,
    pods: net.pods,
    podSubnet: podSubnet(net.block, index),
    gateway: net.gateway,
    dns: net.dns,
    serving: site.pki.pair(`serving-${name}`),
    ca: site.pki.ca.cert,
  };
}

/** Tar of the image that every pod's sandbox runs, built once into the cache. */
export async function pauseImage(): Promise<string> {
  const source = join(import.meta.dirname, 'pause.c');
  const hash = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 16);
  const tarFile = join(cacheFolder(), `pause-${hash}.tar`);
  if (await exists(tarFile)) return tarFile;
  await mkdir(cacheFolder(), { recursive: true });
  const layer = await mkdtemp(`${tarFile}.layer.`);
  await run('gcc', ['-Os', '-static', '-s', '-o', join(layer, 'pause'), source]);
  await packImage({ name: PAUSE_IMAGE, layers: [layer], config: { Entrypoint: ['/pause'], User: '65535' } }, tarFile);
  await rm(layer, { recursive: true });
  return tarFile;
}
