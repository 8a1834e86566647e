import { readdir, readFile } from 'node:fs/promises';
import type { Identity } from './identity.ts';
import { lock } from './lock.ts';
import { attempt, exists, run } from './sh.ts';

/** The addresses of one cluster. */
export interface Addresses {
  /** Number of the block, 0 to 63. */
  readonly block: number;
  /** Nodes and pods share one bridge and this /16. */
  readonly pods: string;
  /** The bridge's own address, which is the cluster's gateway, name server and API server as pods see it. */
  readonly gateway: string;
  /** Range of the Services' virtual addresses, and the one that Kubernetes gives its own API. */
  readonly services: string;
  readonly firstService: string;
  readonly dns: string;
  /** The two ends of the link between the host and the cluster's namespace. */
  readonly host: string;
  readonly inside: string;
}

const BLOCKS = 64;

/** The addresses of block n: pods in 10.64+n, Services in 10.128+n, the link to the host in 10.192+n. */
function addresses(block: number): Addresses {
  const [pods, services, link] = [`10.${64 + block}`, `10.${128 + block}`, `10.${192 + block}`];
  return {
    block,
    pods: `${pods}.0.0/16`,
    gateway: `${pods}.0.1`,
    services: `${services}.0.0/16`,
    firstService: `${services}.0.1`,
    dns: `${services}.0.10`,
    host: `${link}.0.1`,
    inside: `${link}.0.2`,
  };
}

/** The address of real node `index`: a second address on the bridge. */
export function nodeAddress(block: number, index: number): string {
  return `10.${64 + block}.0.${2 + index}`;
}

/** The third part of the addresses that real node `index` gives to its pods. */
export function podSubnet(block: number, index: number): string {
  return `10.${64 + block}.${1 + index}`;
}

/** A block of addresses that no route of the host touches, tried from `seed` on. */
async function freeBlock(seed: number): Promise<number> {
  const routes = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  const used = new Set([...routes.matchAll(/\b10\.(\d+)\./g)].map((match) => Number(match[1])));
  // One route over all of 10/8 (a VPN's, say) is less specific than ours and does no harm.
  for (let step = 0; step < BLOCKS; step += 1) {
    const block = (seed + step) % BLOCKS;
    if (![64, 128, 192].some((base) => used.has(base + block))) return block;
  }
  throw new Error('all 64 address blocks of 10.64.0.0 to 10.255.255.255 are in use on this host');
}

/**
 * Makes the cluster's network namespace with its bridge, and the link and the routes by which the host reaches the API
 * server, the pods and the Services without entering it.
 */
export async function createNetwork(identity: Identity): Promise<Addresses> {
  // Another cluster that comes up at the same moment must see our routes before it chooses its own.
  const held = await lock('addresses');
  try {
    const net = addresses(await freeBlock(identity.seed));
    await build(identity, net);
    return net;
  } finally {
    await held.release();
  }
}

async function build(identity: Identity, net: Addresses): Promise<void> {
  const { netns, hostLink } = identity;
  await run('ip', ['netns', 'add', netns]);
  await run('ip', ['link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'host0', 'netns', netns]);
  const inside = [
    'link set lo up',
    'link add cx0 type bridge',
    `addr add ${net.gateway}/16 dev cx0`,
    'link set cx0 up',
    // Without a route the kernel refuses a virtual address before kube-proxy's rules see it.
    `route add ${net.services} dev cx0`,
    `addr add ${net.inside}/30 dev host0`,
    'link set host0 up',
  ];
  await run('ip', ['-netns', netns, '-batch', '-'], { input: inside.join('\n') });
  const outside = [
    `addr add ${net.host}/30 dev ${hostLink}`,
    `link set ${hostLink} up`,
    `route add ${net.pods} via ${net.inside} dev ${hostLink}`,
    `route add ${net.services} via ${net.inside} dev ${hostLink}`,
  ];
  await run('ip', ['-batch', '-'], { input: outside.join('\n') });
  await run('nsenter', [`--net=/run/netns/${netns}`, 'sh', '-c', SYSCTLS]);
  await raiseInotifyLimit();
}

// A pod that calls a Service whose pod sits on the same bridge gets its answer by the bridge; unless the bridge asks
// netfilter, the answer's address is not translated back.
const SYSCTLS =
  'echo 1 > /proc/sys/net/ipv4/ip_forward; ' +
  'for f in /proc/sys/net/bridge/bridge-nf-call-iptables; do [ ! -e $f ] || echo 1 > $f; done';

/** True where bridged packets pass netfilter (the module br_netfilter is there). */
export async function bridgeFilters(): Promise<boolean> {
  return await exists('/proc/sys/net/bridge/bridge-nf-call-iptables');
}

export async function addNodeAddress(identity: Identity, block: number, index: number): Promise<void> {
  const address = nodeAddress(block, index);
  const shown = await run('ip', ['-netns', identity.netns, '-4', 'addr', 'show', 'dev', 'cx0']);
  if (shown.includes(`inet ${address}/`)) return;
  await run('ip', ['-netns', identity.netns, 'addr', 'add', `${address}/16`, 'dev', 'cx0']);
}

export async function networkExists(identity: Identity): Promise<boolean> {
  return (await attempt('ip', ['-netns', identity.netns, 'link', 'show', 'cx0'])).code === 0;
}

/** Pids of all processes inside the namespace. */
export async function networkProcesses(identity: Identity): Promise<number[]> {
  if (!(await exists(`/run/netns/${identity.netns}`))) return [];
  const { stdout } = await attempt('ip', ['netns', 'pids', identity.netns]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** Removes namespace, link and routes, as far as they exist. The bridge and all rules go with the namespace. */
export async function removeNetwork(identity: Identity): Promise<void> {
  if (await exists(`/sys/class/net/${identity.hostLink}`)) await run('ip', ['link', 'del', identity.hostLink]);
  if (await exists(`/run/netns/${identity.netns}`)) await run('ip', ['netns', 'del', identity.netns]);
  // ip's first namespace makes its folder a mount point. With the last one it goes again, unless
  // somebody makes a new one at this moment, which keeps it busy.
  const others = await readdir('/run/netns').catch(() => ['']);
  if (others.length === 0) await attempt('umount', ['/run/netns']);
}

// Each kubelet and each containerd takes several; Debian's 128 is soon used up.
async function raiseInotifyLimit(): Promise<void> {
  const file = '/proc/sys/fs/inotify/max_user_instances';
  if (Number(await readFile(file, 'utf8')) < 1024) await run('sh', ['-c', `echo 1024 > ${file}`]);
}
